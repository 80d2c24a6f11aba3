using Keygate.Storage;
using Npgsql;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class DatabaseAddressTests
{
    [Fact]
    public void An_address_with_several_hosts_asks_for_the_primary_anew_at_each_connection()
    {
        var address = DatabaseAddress.Parse("postgres://key%40gate:p%2Fw%3A%40%3F@db1:5433,db2/main?schema=licenses").Value;
        var connection = new NpgsqlConnectionStringBuilder(address.ConnectionString);

        (connection.Host, connection.Database, connection.Username, connection.Password).ShouldBe(("db1:5433,db2", "main", "key@gate", "p/w:@?"));
        (connection.SearchPath, connection.TargetSessionAttributes, connection.HostRecheckSeconds).ShouldBe(("licenses", "primary", 0));
        (address.Engine, address.Schema, address.File).ShouldBe((Engine.PostgreSql, "licenses", null));
    }

    [Theory]
    [InlineData("postgres://u:secret@h/db")]
    [InlineData("postgresql://u:secret@h:5432/db?schema=s")]
    public void The_password_is_never_shown(string url)
    {
        var address = DatabaseAddress.Parse(url).Value;

        address.ToString().ShouldNotContain("secret");
        $"{address.InSchema("other")}".ShouldNotContain("secret");
        address.Display.ShouldStartWith("postgres://u@h");
    }

    [Theory]
    [InlineData("mysql://u:secret@h/db", "does not begin with postgres://")]
    [InlineData("postgres://u:secret@h", "lacks")]
    [InlineData("postgres://u:secret@h/", "lacks")]
    [InlineData("postgres://h/db", "lacks")]
    [InlineData("postgres://u:secret@/db", "lacks")]
    [InlineData("postgres://u:secret@h/db?schema=Not-good", "schema=Not-good")]
    [InlineData("postgres://u:secret@h/db?pool=9", "pool=9")]
    [InlineData("postgres://u:secret@h/db?sslmode=maybe", "sslmode=maybe")]
    [InlineData("", "does not begin")]
    public void An_address_that_cannot_be_read_is_refused_without_its_password(string url, string says)
    {
        var error = DatabaseAddress.Parse(url).Error!;

        error.Code.ShouldBe(StorageErrors.AddressUnreadable.Code);
        error.Detail.ShouldContain(says);
        error.Detail.ShouldNotContain("secret");
    }

    [Fact]
    public void Tls_is_asked_for_in_the_address()
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseAddress.Parse("postgres://u@h/db?sslmode=verify-full&sslrootcert=%2Fetc%2Froot.pem").Value.ConnectionString);

        (connection.SslMode, connection.RootCertificate).ShouldBe((SslMode.VerifyFull, "/etc/root.pem"));
    }

    [Fact]
    public void Another_schema_keeps_everything_else()
    {
        var address = DatabaseAddress.Parse("postgres://u:p@h/db").Value.InSchema("keyserver");

        (address.Schema, new NpgsqlConnectionStringBuilder(address.ConnectionString).Password).ShouldBe(("keyserver", "p"));
        address.Display.ShouldContain("(schema keyserver)");
    }

    [Fact]
    public void A_file_is_named_by_its_whole_path() =>
        DatabaseAddress.SqliteFile("x.db").File.ShouldBe(Path.GetFullPath("x.db"));
}
