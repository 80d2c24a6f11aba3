using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.problemKey</c>, reference 6.5: true marks the key as problem, false releases it.</summary>
internal sealed class ProblemKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, SuspendKeyHandler handler) : IPartnerMethod
{
    public string Name => "problemKey";

    public LoginRole Least => LoginRole.All;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, XmlRpcLenient.Flag.OrAlso(XmlRpcKinds.String))];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        if (!arguments[2].TryToBoolean(out var problem))
        {
            return KeyServerErrors.ParametersMalformed.Because("The third argument is no boolean.").Mend("Send true to mark the key as problem, false to release it.");
        }

        var reason = new KeyReason { Reason = $"problemKey by {call.Caller.Login}" };
        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, reason, problem, call.Key, cancellation), cancellation)).Map(changed =>
        {
            var state = problem ? "marked as problem" : "released";
            return changed.IsChanged
                ? Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} {state}.", changed.Key)
                : Wire.Answer(ResultCodes.AlreadySo, $"{changed.Key.Number} was {state} already.", changed.Key);
        });
    }
}
