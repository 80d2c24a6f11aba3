using Keygate.Bench.Bare;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Data.Sqlite;

// What any server of this kind must do at the least: start, open its database, render one component from it.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddRazorComponents();
var app = builder.Build();
var file = app.Configuration["file"] ?? throw new InvalidOperationException("--file names the database.");
app.MapGet("/health/ready", () =>
{
    using var connection = new SqliteConnection($"Data Source={file}");
    connection.Open();
    using var command = connection.CreateCommand();
    command.CommandText = "create table if not exists words(text text); select coalesce(max(text), 'ready') from words";
    return new RazorComponentResult<Hello>(new { Text = (string)command.ExecuteScalar()! });
});
app.Run();
