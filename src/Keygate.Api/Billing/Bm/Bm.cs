namespace Keygate.Api.Billing.Bm;

/// <summary>What the methods of the container BM share.</summary>
internal static class Bm
{
    public const string Server = "BM";
}
