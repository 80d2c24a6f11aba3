using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>Carries out commands without a body that change one key: the act, and the key's state where it is asked for, in one transaction.</summary>
internal static class KeyCommand
{
    public static async Task<Result<RestAnswer>> CallAsync(
        VendorDoor vendors, KeyStructures structures, RestCall call, Func<Tx, KeyName, Task<Result<KeyRow>>> act, CancellationToken cancellation)
    {
        if (!call.Name.TryGet(out var name, out var unknown) || !call.ReturnsState.TryGet(out var returnsState, out unknown))
        {
            return unknown;
        }

        return await vendors.WriteAsync<RestAnswer>(
            async tx => (await act(tx, name)).TryGet(out var key, out var refusal) ? await structures.AnswerAsync(tx, key.Id, returnsState, cancellation) : refusal,
            async s => (await structures.FindAsync(s, name, cancellation)) is { } key ? await structures.AnswerAsync(s, key, returnsState, cancellation) : KeyServerErrors.KeyUnknown,
            cancellation);
    }
}
