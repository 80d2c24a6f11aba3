namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 6.21 to 6.23, whose code lists were not found: what the reference infers, and our own decisions.</summary>
internal sealed partial class Suite
{
    private const string NoId = "AuthInfo, key", WithId = "AuthInfo, key, uid";

    private void Activation()
    {
        Method("activateKey", "6.21", 100, 200, 201, 202, 220, 221, 222, 226, 300, 400, 410);
        KeyForm(NoId, async w => (await w.KeyAsync("CART"), []));
        OnKey(110, w => w.KeyAsync());
        OnKey(221, w => w.ProblemAsync());
        OnKey(222, w => w.TerminatedAsync());
        OnKey(266, w => w.ActiveAsync(w.NewHardwareId()));
        OnKey(452, w => w.KeyAsync("MAIN_HW"));
        CannotOccur(226, "the form has no hardware id", NoId);

        KeyForm(WithId, async w => (await w.KeyAsync("MAIN_HW"), [Raw.Text(w.NewHardwareId())]));
        OnKey(110, w => w.ActiveAsync("0000.0000.0110"), Raw.Text("0000.0000.0110"));
        OnKey(221, w => w.ProblemAsync(), Raw.Text("0000.0000.0221"));
        OnKey(222, w => w.TerminatedAsync(), Raw.Text("0000.0000.0222"));
        On(226, async w =>
        {
            var hardwareId = w.NewHardwareId();
            await w.ActiveAsync(hardwareId);
            return [w.Auth, Raw.Text(await w.KeyAsync("MAIN_HW")), Raw.Text(hardwareId)];
        });
        OnKey(266, w => w.ActiveAsync(w.NewHardwareId()), Raw.Text("0000.0000.0266"));
        OnKey(452, w => w.KeyAsync(), Raw.Text("0000.0000.0452"));

        Method("resetKey", "6.22", 100, 200, 201, 202, 220, 221, 222, 300, 400, 410);
        KeyForm("AuthInfo, key", async w => (await w.ActiveAsync(w.NewHardwareId()), []));
        OnKey(110, w => w.KeyAsync("MAIN_HW"));
        OnKey(221, w => w.ProblemAsync("MAIN_HW"));
        OnKey(222, w => w.TerminatedAsync("MAIN_HW"));
        OnKey(452, w => w.KeyAsync());

        Method("transferKey", "6.23", 100, 200, 201, 202, 220, 221, 222, 226, 300, 400, 410);
        KeyForm("AuthInfo, key, newHwid", async w => (await w.ActiveAsync(w.NewHardwareId()), [Raw.Text(w.NewHardwareId())]));
        OnKey(110, w => w.ActiveAsync("0000.0001.0110"), Raw.Text("0000.0001.0110"));
        OnKey(221, w => w.ProblemAsync("MAIN_HW"), Raw.Text("0000.0001.0221"));
        OnKey(222, w => w.TerminatedAsync("MAIN_HW"), Raw.Text("0000.0001.0222"));
        OnKey(223, w => w.KeyAsync("MAIN_HW"), Raw.Text("0000.0001.0223"));
        On(226, async w =>
        {
            var hardwareId = w.NewHardwareId();
            await w.ActiveAsync(hardwareId);
            return [w.Auth, Raw.Text(await w.ActiveAsync(w.NewHardwareId())), Raw.Text(hardwareId)];
        });
        OnKey(452, w => w.KeyAsync(), Raw.Text("0000.0001.0452"));
    }
}
