using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.assignProductConfiguration</c>, reference 6.20: a configuration that getProductConfigurations lists for the key's client.</summary>
internal sealed class AssignProductConfiguration([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, AssignProductConfigurationHandler handler) : IPartnerMethod
{
    public string Name => "assignProductConfiguration";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var id = int.TryParse(Wire.TextOf(arguments[2]), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? ProductConfigurationId.Of(number) : (ProductConfigurationId?)null;
        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, id, call.Key, cancellation), cancellation))
            .Map(changed => Wire.Answer(ResultCodes.Done, $"The product configuration was assigned to {changed.Key.Number}."));
    }
}
