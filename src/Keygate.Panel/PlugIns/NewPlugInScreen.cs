using Keygate.Plugins;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>New plug-in, in two steps: name and template, then the settings that the template asks for.</summary>
internal static class NewPlugInScreen
{
    private const string Prefix = "setting-";

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/plug-ins/new", (string? kind, string? name, HttpContext http, PluginKinds kinds) => Show(http, kinds, kind, name ?? "", new Dictionary<string, string>()));
        admin.MapPost("/plug-ins/new", (IFormCollection form, HttpContext http, PluginKinds kinds, AddPlugin handler) =>
        {
            var (kind, name) = (form["kind"].ToString(), form["name"].ToString());
            var typed = form.Where(f => f.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(f => f.Key[Prefix.Length..], f => f.Value[^1]!, StringComparer.Ordinal);
            var request = new AddPluginRequest
            {
                Name = name, Kind = kind, Settings = typed.Where(t => t.Value.Length > 0).ToDictionary(t => t.Key, t => (string?)t.Value, StringComparer.Ordinal),
            };
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
                added => ($"/admin/plug-ins/{added.Id}", Frame.Of(http).Words["said.plug-in-added"]), () => Task.FromResult(Show(http, kinds, kind, name, typed)));
        }).DisableAntiforgery();
    }

    private static IResult Show(HttpContext http, PluginKinds kinds, string? kind, string name, IReadOnlyDictionary<string, string> typed) => Screens.Show<NewPlugInPage>(
        http, ("Kinds", kinds.All), ("Chosen", kinds.All.FirstOrDefault(k => k.Kind == kind)), ("Name", name), ("Typed", typed));
}
