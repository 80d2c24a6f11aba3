using Keygate.Catalog;
using Keygate.Licensing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing;

public sealed class LicenseStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Then = Now.AddDays(-1);

    [Fact]
    public void Each_fact_raises_the_state_in_the_order_of_a_license_s_life()
    {
        State().ShouldBe(LicenseState.Pending);
        State(issued: true).ShouldBe(LicenseState.Issued);
        State(issued: true, activated: true).ShouldBe(LicenseState.Activated);
        State(issued: true, uploaded: true).ShouldBe(LicenseState.Uploaded);
        State(issued: true, activated: true, retrieved: true).ShouldBe(LicenseState.Retrieved);
        State(issued: true, retrieved: true, installed: true).ShouldBe(LicenseState.Installed);
    }

    [Theory]
    [InlineData(OpenStep.Retrieving, LicenseState.Retrieving)]
    [InlineData(OpenStep.Installing, LicenseState.Installing)]
    internal void An_open_step_stands_above_what_is_there_already(OpenStep open, LicenseState state)
    {
        State(issued: true, retrieved: open == OpenStep.Installing, open: open).ShouldBe(state);
    }

    [Fact]
    public void A_lease_is_expired_from_its_expiration_date_on()
    {
        State(issued: true, installed: true, expiration: new DateOnly(2026, 3, 10)).ShouldBe(LicenseState.Installed);
        State(issued: true, installed: true, expiration: new DateOnly(2026, 3, 9)).ShouldBe(LicenseState.Expired);
        State(issued: true, open: OpenStep.Retrieving, expiration: new DateOnly(2026, 3, 9)).ShouldBe(LicenseState.Expired);
    }

    [Fact]
    public void A_purchase_never_expires_even_where_its_file_has_a_technical_date()
    {
        State(BillType.Purchase, issued: true, installed: true, expiration: new DateOnly(2020, 1, 1)).ShouldBe(LicenseState.Installed);
    }

    [Fact]
    public void Terminated_stands_above_everything()
    {
        State(issued: true, installed: true, open: OpenStep.Installing, expiration: new DateOnly(2020, 1, 1), terminated: true).ShouldBe(LicenseState.Terminated);
    }

    private static LicenseState State(
        BillType bill = BillType.Lease, bool issued = false, bool activated = false, bool uploaded = false, bool retrieved = false, bool installed = false,
        bool terminated = false, OpenStep open = OpenStep.None, DateOnly? expiration = null) =>
        new License
        {
            BillTypeName = bill.ToString(),
            IssuedAt = issued ? Then : null,
            ActivatedAt = activated ? Then : null,
            UploadedAt = uploaded ? Then : null,
            RetrievedAt = retrieved ? Then : null,
            InstalledAt = installed ? Then : null,
            TerminatedAt = terminated ? Then : null,
            ExpirationDate = expiration,
            OpenStepName = open.ToString(),
        }.StateAt(Now);
}
