using Keygate.KeyServer;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer;

public sealed class KeyDatesTests
{
    private static readonly Period Month = new(1, InMonths: true);
    private static readonly Period ThirtyDays = new(30, InMonths: false);

    [Fact]
    public void A_lease_of_thirty_days_is_due_thirty_days_after_creation_and_expires_ten_days_later()
    {
        // The recorded lease of the reference, section 8.
        var dates = KeyDates.Of(Day("2026-03-09"), ThirtyDays, BillingType.Lease, 1);

        dates.Update.ShouldBe(Day("2026-04-08"));
        dates.Expiration.ShouldBe(Day("2026-04-18"));
        dates.Sus.ShouldBe(Day("2026-04-09"));
    }

    [Fact]
    public void Months_count_from_the_day_of_creation_and_find_it_again_after_a_short_month()
    {
        var dates = KeyDates.Of(Day("2027-01-31"), Month, BillingType.Lease, 1);
        dates.Update.ShouldBe(Day("2027-02-28"));

        var due = new List<DateOnly>();
        for (var i = 0; i < 3; i++)
        {
            dates = dates.Next(dates.Update, Month, BillingType.Lease, 1);
            due.Add(dates.Update);
        }

        due.ShouldBe([Day("2027-03-31"), Day("2027-04-30"), Day("2027-05-31")]);
        dates.Sus.ShouldBe(Day("2027-05-31"));
        dates.Start.ShouldBe(Day("2027-01-31"));
    }

    [Fact]
    public void A_leap_day_is_kept_as_anchor()
    {
        var year = new Period(12, InMonths: true);
        var dates = KeyDates.Of(Day("2028-02-29"), year, BillingType.Lease, 12);

        dates.Update.ShouldBe(Day("2029-02-28"));
        dates.Next(dates.Update, year, BillingType.Lease, 12).Next(Day("2030-02-28"), year, BillingType.Lease, 12).Next(Day("2031-02-28"), year, BillingType.Lease, 12)
            .Update.ShouldBe(Day("2032-02-29"));
    }

    [Fact]
    public void A_purchase_has_a_year_of_updates_that_a_refreshed_file_does_not_extend()
    {
        var bought = KeyDates.Of(Day("2026-03-09"), Month, BillingType.Purchase, 12);
        bought.Sus.ShouldBe(Day("2027-03-09"));
        bought.Expiration.ShouldBe(Day("2026-04-19"));

        var refreshed = bought.Next(Day("2026-06-01"), Month, BillingType.Purchase, 12);
        refreshed.Sus.ShouldBe(Day("2027-03-09"));
        refreshed.Update.ShouldBe(Day("2026-06-09"));
    }

    [Fact]
    public void A_key_without_updates_stays_without_them() =>
        KeyDates.Of(Day("2026-03-09"), Month, BillingType.Lease, 0).Next(Day("2026-04-09"), Month, BillingType.Lease, 0).Sus.ShouldBeNull();

    [Fact]
    public void An_early_renewal_adds_one_term_to_what_was_paid()
    {
        var renewed = KeyDates.Of(Day("2026-03-09"), Month, BillingType.Lease, 1).Next(Day("2026-03-10"), Month, BillingType.Lease, 1);

        renewed.Update.ShouldBe(Day("2026-05-09"));
        renewed.Expiration.ShouldBe(Day("2026-05-19"));
    }

    [Fact]
    public void A_key_that_lay_expired_is_valid_after_one_renewal_and_keeps_its_day()
    {
        var renewed = KeyDates.Of(Day("2026-03-09"), Month, BillingType.Lease, 1).Next(Day("2026-08-20"), Month, BillingType.Lease, 1);

        renewed.Update.ShouldBe(Day("2026-09-09"));
        renewed.Terms.ShouldBe(6);
    }

    [Fact]
    public void A_shorter_period_in_the_price_list_does_not_take_back_what_was_paid()
    {
        var year = KeyDates.Of(Day("2026-03-09"), new Period(12, InMonths: true), BillingType.Lease, 12);

        var renewed = year.Next(Day("2026-03-10"), Month, BillingType.Lease, 1);

        renewed.Update.ShouldBe(Day("2027-03-09"));
        renewed.Expiration.ShouldBe(Day("2027-03-19"));
        renewed.Sus.ShouldBe(Day("2027-03-09"));
    }

    [Theory]
    [InlineData("30 days", 30, false)]
    [InlineData("1 day", 1, false)]
    [InlineData("1 month", 1, true)]
    [InlineData("12 months", 12, true)]
    public void Periods_are_read_as_people_write_them(string text, int count, bool inMonths)
    {
        Period.TryParse(text, out var period).ShouldBeTrue();
        period.ShouldBe(new Period(count, inMonths));
        period.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("month")]
    [InlineData("0 days")]
    [InlineData("-1 days")]
    [InlineData("1 week")]
    [InlineData("367 days")]
    [InlineData("61 months")]
    [InlineData("1  month")]
    [InlineData(null)]
    public void Anything_else_is_no_period(string? text) => Period.TryParse(text, out _).ShouldBeFalse();

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd");
}
