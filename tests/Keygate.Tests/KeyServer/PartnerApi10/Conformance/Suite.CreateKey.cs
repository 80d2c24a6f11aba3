namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 6.1.</summary>
internal sealed partial class Suite
{
    private const string Four = "four arguments (9.4: plans left out)", Five = "5 args", Six = "6 args", Eight = "8 args", Nine = "9 args";

    private void CreateKey()
    {
        Method(
            "createKey", "6.1", 100, 101, 200, 201, 202, 203, 220, 221, 222, 226, 244, 245, 246, 250, 252, 253, 255, 256, 257, 260, 277, 280, 284, 287, 300, 400, 401, 405, 406, 410);
        foreach (var form in new[] { Four, Five, Six, Eight, Nine })
        {
            Form(form, _ => Done(new Order(form).Arguments));
            On(202, w => Done(w.Auth, new Order(form) { Client = "contoso" }));
            On(203, w => Done(w.AuthOf("acme-no-feature-keys"), new Order(form) { KeyType = "FEATURE_KEY" }));
            On(250, w => Done(w.Auth, new Order(form) { Client = "nobody" }));
            On(252, w => Done(w.Auth, new Order(form) { Client = "problem" }));
            On(253, w => Done(w.Auth, new Order(form) { Client = "unconfirmed" }));
            On(260, w => Done(w.Auth, new Order(form) { KeyType = "MAIN_3000" }));
            On(260, w => Done(w.Auth, new Order(form) { KeyType = "HIDDEN" }));
            On(280, w => Done(w.Auth, new Order(form) { Client = "reseller" }));
            On(284, w => Done(w.Auth, new Order(form) { KeyType = "UNPRICED" }));
            On(287, w => Done(w.Auth, new Order(form) { KeyType = "CURSED" }));
            On(287, w => Done(w.Auth, new Order(form) { KeyType = "VENDORLESS" }));
            On(401, w => Done(w.Auth, new Order(form) { Address = Raw.Int(7) }));
            On(405, w => Done(w.Auth, new Order(form) { Address = Raw.Ips("198.51.100.256") }));
            On(406, w => Done(w.Auth, new Order(form) { Address = Raw.Struct(("macs", Raw.Array("02:00:00"))) }));
            if (form != Four)
            {
                On(244, w => Done(w.Auth, new Order(form) { Plans = ["ELSEWHERE"] }));
                On(244, w => Done(w.Auth, new Order(form) { Plans = ["BIG", "HUGE"] }));
                On(244, w => Done(w.Auth, new Order(form) { Plans = ["BYGONE"] }));
                On(246, w => Done(w.Auth, new Order(form) { Plans = ["SPOILER_PACK"] }));
                On(284, w => Done(w.Auth, new Order(form) { Plans = ["FAVOUR"] }));
            }

            if (form is Six or Nine)
            {
                On(244, w => Done(w.Auth, new Order(form) { Plans = ["SUPPORT"] }));
                On(260, w => Done(w.Auth, new Order(form) { Billing = "rent" }));
            }
        }

        foreach (var form in new[] { Eight, Nine })
        {
            _form = form;
            On(100, w => Done(w.Auth, new Order(form) { Additional = ["ADDON"], Plans = ["POWER_PACK"] }));
            On(101, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = await w.KeyAsync() }.Arguments]);
            On(202, async w =>
            {
                var parent = await w.SendAsync("createKey", [w.AuthOf("stranger"), Raw.Ips(), Raw.Text("contoso"), Raw.Text("PLESK_9_FOR_VZ"), Raw.None]);
                return [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = parent["mainKeyNumber"] }.Arguments];
            });
            On(220, w => Done(w.Auth, new Order(form) { KeyType = "ADDON", Parent = "MAIN.99999999.0000" }));
            On(221, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = await w.ProblemAsync() }.Arguments]);
            On(222, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = await w.TerminatedAsync() }.Arguments]);
            On(226, async w =>
            {
                var hardwareId = w.NewHardwareId();
                await w.ActiveAsync(hardwareId);
                return [w.Auth, .. new Order(form) { KeyType = "MAIN_HW", HardwareId = hardwareId }.Arguments];
            });
            On(245, w => Done(w.Auth, new Order(form) { Additional = ["ADDON_LOOSE"] }));
            On(245, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON_LOOSE", Parent = await w.KeyAsync() }.Arguments]);
            On(246, w => Done(w.Auth, new Order(form) { Additional = ["ADDON", "ADDON_RIVAL"] }));
            On(255, w => Done(w.Auth, new Order(form) { Additional = ["ADDON", "ADDON"] }));
            On(255, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = (await w.PairAsync()).Main }.Arguments]);
            On(256, async w => [w.Auth, .. new Order(form) { KeyType = "MAIN", Parent = await w.KeyAsync() }.Arguments]);
            On(257, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON", Parent = await w.KeyAsync("MASTER") }.Arguments]);
            On(277, async w => [w.Auth, .. new Order(form) { KeyType = "ADDON_RIVAL", Parent = (await w.PairAsync()).Main }.Arguments]);
            On(410, w => Done(w.Auth, new Order(form) { KeyType = "ADDON", Parent = "41207" }));
            On(452, w => Done(w.Auth, new Order(form) { HardwareId = new string('x', 256) }));
        }

        CannotOccur(244, "the form has no plans", Four);
        CannotOccur(246, "the form has neither plans nor additional key types", Four);
        foreach (var form in new[] { Four, Five, Six })
        {
            foreach (var code in new[] { 101, 220, 221, 222, 256, 257, 277, 410 })
            {
                CannotOccur(code, "it is about the parent key, which the form does not have", form);
            }

            CannotOccur(226, "the form has no hardware id", form);
            CannotOccur(245, "the form has neither additional key types nor a parent", form);
            CannotOccur(255, "the form has neither additional key types nor a parent", form);
        }
    }

    private static Task<string[]> Done(string auth, Order order) => Task.FromResult<string[]>([auth, .. order.Arguments]);

    /// <summary>An order in one of the forms.</summary>
    private sealed record Order(string Form)
    {
        public string Address { get; init; } = Raw.Struct(("ips", Raw.None), ("macs", Raw.None));

        public string Client { get; init; } = "acme";

        public string KeyType { get; init; } = "MAIN";

        public string[] Plans { get; init; } = [];

        public string Billing { get; init; } = "billing";

        public string[] Additional { get; init; } = [];

        public string? Parent { get; init; }

        public string? HardwareId { get; init; }

        public string[] Arguments => Form switch
        {
            Four => Head,
            Five => [.. Head, Raw.Array(Plans)],
            Six => [.. Head, Raw.Array(Plans), Raw.Text(Billing)],
            Eight => Bundle,
            _ => [.. Bundle, Raw.Text(Billing)],
        };

        private string[] Head => [Address, Raw.Text(Client), Raw.Text(KeyType)];

        private string[] Bundle => [.. Head, Raw.Array(Plans), Parameters, Raw.Array(Additional), Raw.None];

        private string Parameters => Raw.Struct([
            .. Parent is null ? [] : new[] { ("parentKeyNumber", Raw.Text(Parent)) }, .. HardwareId is null ? [] : new[] { ("hwid", Raw.Text(HardwareId)) }]);
    }
}
