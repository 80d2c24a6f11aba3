namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>One call with the code that the reference wants.</summary>
/// <param name="Method">The method.</param>
/// <param name="Form">Its form, as the reference writes the arguments.</param>
/// <param name="Code">The result code.</param>
/// <param name="Arguments">Makes what the call needs, and its arguments as XML.</param>
internal sealed record Case(string Method, string Form, int Code, Func<World, Task<string[]>> Arguments);

/// <summary>A code of the reference without a case.</summary>
/// <param name="Method">The method.</param>
/// <param name="Form">Its form; null for all.</param>
/// <param name="Code">The result code.</param>
/// <param name="Reason">Why.</param>
/// <param name="CanOccur">True where the reference names a cause that we do not have: the code is missing.</param>
internal sealed record Gap(string Method, string? Form, int Code, string Reason, bool CanOccur);

/// <summary>The cases, in the order of the reference. Those that all forms share are written once.</summary>
internal sealed partial class Suite
{
    private readonly List<Case> _cases = [];
    private readonly List<Gap> _gaps = [];
    private readonly List<(string Method, string Section, int[] Codes)> _methods = [];
    private string _method = "";
    private string _form = "";

    public Suite()
    {
        Clients();
        CreateKey();
        Changes();
        Reading();
        Attaching();
        Activation();
    }

    public IReadOnlyList<Case> Cases => _cases;

    public IReadOnlyList<Gap> Gaps => _gaps;

    public IReadOnlyList<(string Method, string Section, int[] Codes)> Methods => _methods;

    /// <summary>Begins a method.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="section">The section of the reference.</param>
    /// <param name="codes">The codes that the reference lists for it, those it infers included.</param>
    private void Method(string name, string section, params int[] codes)
    {
        _methods.Add((name, section, codes));
        _method = name;
    }

    /// <summary>Begins a form, with the cases that every form has: done, and what the door refuses.</summary>
    private void Form(string form, Func<World, Task<string[]>> good, int done = 100)
    {
        _form = form;
        Door(good);
        On(done, async w => [w.Auth, .. await good(w)]);
    }

    /// <summary>The same for a method on one key: names that are no number, of no key, of a key out of reach.</summary>
    private void KeyForm(string form, Func<World, Task<(string Key, string[] Others)>> good, int done = 100)
    {
        Form(form, async w => await good(w) is var (key, rest) ? [Raw.Text(key), .. rest] : [], done);
        On(410, async w => [w.Auth, Raw.Text("MAIN.41207"), .. (await good(w)).Others]);
        On(220, async w => [w.Auth, Raw.Text("MAIN.99999999.0000"), .. (await good(w)).Others]);
        On(202, async w => await good(w) is var (key, rest) ? [w.AuthOf("stranger"), Raw.Text(key), .. rest] : []);
    }

    private void Door(Func<World, Task<string[]>> good)
    {
        var method = _method;
        On(400, async w => ["<value><string>acme-api</string></value>", .. await good(w)]);
        On(200, async w => [Raw.Auth("acme-api", "wrong"), .. await good(w)]);
        On(201, async w => [await w.AuthWithoutAsync(method), .. await good(w)]);
        On(300, async w => [await w.AuthUsedUpAsync(), .. await good(w)]);
    }

    private void On(int code, Func<World, Task<string[]>> arguments) => _cases.Add(new Case(_method, _form, code, arguments));

    /// <summary>A case of a method on one key.</summary>
    private void OnKey(int code, Func<World, Task<string>> key, params string[] rest) => On(code, async w => [w.Auth, Raw.Text(await key(w)), .. rest]);

    private void CannotOccur(int code, string reason, string? form = null) => _gaps.Add(new Gap(_method, form, code, reason, CanOccur: false));
}
