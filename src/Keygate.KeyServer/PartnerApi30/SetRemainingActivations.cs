using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>POST keys/{number}/remaining-activations</c>, reference 3.11: 202 without a body. Here the value counts at once.</summary>
internal sealed class SetRemainingActivations(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, SetRemainingActivationsHandler handler) : IRestMethod
{
    private const string Parameter = "remaining-activations";

    public string Verb => "POST";

    public string Path => "keys/{number}/remaining-activations";

    public string Name => "activateKey";

    public LoginRole Least => LoginRole.Advanced;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation)
    {
        if (!call.Number.TryGet(out var name, out var unknown))
        {
            return unknown;
        }

        if (!int.TryParse(call.Text(Parameter), NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            return KeyServerErrors.ParameterMalformed.Because($"{Parameter} must be a whole number from 0.");
        }

        var set = await database.WriteAsync(tx => handler.HandleAsync(tx, name, left, call.Key, cancellation), cancellation);
        return set.Map(_ => new RestAnswer { Status = StatusCodes.Status202Accepted });
    }
}
