using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>GET keys/{id}/retrieve</c>, reference 3.6: the license file itself, neither JSON nor base64.</summary>
internal sealed class RetrieveKey(RetrieveKeyHandler handler) : IRestMethod
{
    public string Verb => "GET";

    public string Path => "keys/{id}/retrieve";

    public string Name => "retrieveKey";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        !call.Name.TryGet(out var name, out var unknown) || !call.Flag("previous-version").TryGet(out var previousVersion, out unknown)
            ? unknown
            : (await handler.HandleAsync(name, previousVersion == true ? SignedForm.PreviousFile : SignedForm.File, evenExpired: false, call.Key, cancellation)).Map(file => new RestAnswer { File = file });
}
