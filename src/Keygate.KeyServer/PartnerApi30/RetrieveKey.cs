using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// <c>GET keys/{id}/retrieve</c>, reference 3.6: the license file itself, neither JSON nor base64. With <c>token=true</c>, which is ours, the token of the same facts.
/// </summary>
internal sealed class RetrieveKey(RetrieveKeyHandler handler) : IRestMethod
{
    public string Verb => "GET";

    public string Path => "keys/{id}/retrieve";

    public string Name => "retrieveKey";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        !call.Name.TryGet(out var name, out var unknown) || !call.Flag("previous-version").TryGet(out var previousVersion, out unknown)
        || !call.Flag("token").TryGet(out var token, out unknown)
            ? unknown
        : token == true && previousVersion == true
            ? KeyServerErrors.NoPreviousVersion.Because("A token is made for the present version of the product alone.")
            : (await handler.HandleAsync(
                name, token == true ? SignedForm.Token : previousVersion == true ? SignedForm.PreviousFile : SignedForm.File, evenExpired: false, call.Key, cancellation))
            .Map(file => new RestAnswer { File = file });
}
