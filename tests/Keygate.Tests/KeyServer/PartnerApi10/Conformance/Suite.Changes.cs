namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 6.2 to 6.6.</summary>
internal sealed partial class Suite
{
    private void Changes()
    {
        Method("upgradeKey", "6.2", 100, 110, 200, 201, 202, 220, 221, 222, 246, 260, 266, 268, 280, 284, 287, 300, 400, 410, 416);
        foreach (var (form, args) in new (string, Func<string, string[]>)[]
        {
            ("AuthInfo, key, plan", plan => [Raw.Text(plan)]),
            ("AuthInfo, key, plan, billingType", plan => [Raw.Text(plan), Raw.Text("billing")]),
            ("AuthInfo, key, plans", plan => [Raw.Array(plan)]),
            ("AuthInfo, key, plans, billingType", plan => [Raw.Array(plan), Raw.Text("billing")]),
        })
        {
            KeyForm(form, async w => (await w.KeyAsync(), args("EXTRA")));
            OnKey(100, w => w.KeyAsync(), args("BASIC_TO_BIG"));
            OnKey(100, w => w.KeyAsync(), args("MAIN_TO_MAIN_PLUS"));
            OnKey(100, w => w.KeyAsync(plans: "EXTRA"), args("EXTRA_OFF"));
            OnKey(100, w => w.KeyAsync(billing: "purchase"), args("SUS_RENEWAL"));
            OnKey(110, w => w.KeyAsync(plans: "EXTRA"), args("EXTRA"));
            OnKey(110, w => w.KeyAsync(plans: "BIG"), args("BASIC_TO_BIG"));
            OnKey(110, w => w.KeyAsync(), args("EXTRA_OFF"));
            OnKey(110, w => w.KeyAsync("MAIN_PLUS", plans: "BASIC"), args("MAIN_TO_MAIN_PLUS"));
            OnKey(110, w => w.KeyAsync(billing: "purchase"), args("SUS_REINSTATEMENT"));
            OnKey(221, w => w.ProblemAsync(), args("EXTRA"));
            OnKey(222, w => w.TerminatedAsync(), args("EXTRA"));
            OnKey(246, async w => (await w.PairAsync()).Main, args("MAIN_TO_MAIN_BARE"));
            OnKey(246, w => w.KeyAsync(), args("SPOILER_PACK"));
            OnKey(260, w => w.KeyAsync(), args("30_DOMAINS"));
            OnKey(260, w => w.KeyAsync(), args("BYGONE"));
            OnKey(266, w => w.KeyAsync(), args("BIG"));
            OnKey(266, w => w.KeyAsync(), args("BIG_TO_HUGE"));
            OnKey(266, w => w.KeyAsync(), args("ELSEWHERE"));
            OnKey(266, w => w.KeyAsync(), args("SUS_RENEWAL"));
            OnKey(268, async w =>
            {
                var number = await w.KeyAsync(billing: "purchase");
                await w.SqlAsync("update keys set sus_date = '2026-01-01' where id = @Id", new { (await w.Server.KeyAsync(number)).Id });
                return number;
            }, args("MAIN_TO_MAIN_PLUS_BY_SUS"));
            OnKey(280, w => w.KeyAsync(), args("RESELLERS_ONLY"));
            OnKey(284, w => w.KeyAsync(), args("FAVOUR"));
            OnKey(416, w => w.KeyAsync(), args("NO_SUCH_PLAN"));
            OnKey(287, w => w.KeyAsync("THIRD"), args("EXTRA"));
            if (form.EndsWith("billingType", StringComparison.Ordinal))
            {
                OnKey(266, w => w.KeyAsync(), args("SUPPORT"));
            }
            else
            {
                OnKey(100, w => w.KeyAsync(), args("SUPPORT"));
            }
        }

        Method("downgradeKey", "6.3", 100, 101, 110, 200, 201, 202, 220, 221, 222, 260, 263, 266, 287, 289, 300, 400, 410, 416, 452);
        KeyForm("AuthInfo, key, planToRemove", async w => (await w.KeyAsync(plans: "EXTRA"), [Raw.Text("EXTRA")]));
        OnKey(101, w => w.KeyAsync(plans: "BIG"), Raw.Text("BASIC_TO_BIG"));
        OnKey(101, w => w.KeyAsync(plans: "BIG"), Raw.Text("BIG"));
        OnKey(110, w => w.KeyAsync(), Raw.Text("EXTRA"));
        OnKey(221, w => w.ProblemAsync(), Raw.Text("EXTRA"));
        OnKey(222, w => w.TerminatedAsync(), Raw.Text("EXTRA"));
        OnKey(260, w => w.KeyAsync(), Raw.Text("30_DOMAINS"));
        OnKey(263, w => w.KeyAsync(), Raw.Text("BASIC"));
        OnKey(266, w => w.KeyAsync("MAIN_PLUS", plans: "BIG"), Raw.Text("BIG"));
        OnKey(266, w => w.KeyAsync(plans: "EXTRA"), Raw.Text("EXTRA_OFF"));
        OnKey(289, w => w.KeyAsync("MAIN_PLUS", plans: "BASIC"), Raw.Text("MAIN_TO_MAIN_PLUS"));
        OnKey(289, w => w.KeyAsync(), Raw.Text("MAIN"));
        OnKey(416, w => w.KeyAsync(), Raw.Text("NO_SUCH_PLAN"));
        OnKey(452, w => w.KeyAsync("FEATURE_KEY"), Raw.Text("EXTRA"));
        OnKey(287, w => w.KeyAsync("THIRD", plans: "EXTRA"), Raw.Text("EXTRA"));

        Method("terminateKey", "6.4", 100, 110, 200, 201, 202, 220, 221, 232, 287, 300, 400, 410);
        KeyForm("AuthInfo, key", async w => (await w.KeyAsync(), []));
        OnKey(110, w => w.TerminatedAsync());
        OnKey(221, w => w.ProblemAsync());
        OnKey(232, w => w.KeyAsync(billing: "purchase"));
        OnKey(287, w => w.KeyAsync("THIRD"));

        Method("problemKey", "6.5", 100, 110, 200, 201, 202, 220, 222, 231, 300, 400, 410, 452);
        KeyForm("AuthInfo, key, boolean", async w => (await w.KeyAsync(), [Raw.Bool(true)]));
        OnKey(100, w => w.ProblemAsync(), Raw.Bool(false));
        OnKey(110, w => w.ProblemAsync(), Raw.Bool(true));
        OnKey(110, w => w.KeyAsync(), Raw.Bool(false));
        OnKey(222, w => w.TerminatedAsync(), Raw.Bool(true));
        OnKey(231, w => w.KeyAsync("STIFF"), Raw.Bool(true));
        OnKey(452, w => w.KeyAsync("FEATURE_KEY"), Raw.Bool(true));

        Method("renewKey", "6.6", 100, 200, 201, 202, 220, 221, 222, 250, 285, 286, 287, 300, 400, 410);
        KeyForm("AuthInfo, key", async w => (await w.KeyAsync(), []));
        OnKey(221, w => w.ProblemAsync());
        OnKey(222, w => w.TerminatedAsync());
        OnKey(285, w => w.KeyAsync(billing: "purchase"));
        OnKey(286, async w =>
        {
            var number = await w.KeyAsync();
            await w.ExhaustAsync(number);
            return number;
        });
        CannotOccur(250, "the call names no client, and the reference does not say which one would be looked for: a key always has its client");
        OnKey(287, w => w.KeyAsync("THIRD"));
    }
}
