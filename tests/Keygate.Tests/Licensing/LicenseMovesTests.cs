using System.Text;
using Keygate.Licensing;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing;

public sealed class LicenseMovesTests
{
    [Fact]
    public void The_matrix_of_states_and_operations_is_as_approved()
    {
        var matrix = new StringBuilder();
        foreach (var state in Enum.GetValues<LicenseState>())
        {
            foreach (var operation in Enum.GetValues<LicenseOperation>())
            {
                var rows = LicenseMoves.All.Where(m => m.From == state && m.Operation == operation).ToList();
                matrix.Append(System.Globalization.CultureInfo.InvariantCulture, $"{state,-11} {operation,-9}");
                matrix.AppendLine(rows.Count == 0 ? " -" : " " + string.Join(", ", rows.Select(m => $"{m.Outcome} -> {m.To?.ToString() ?? "what the facts say"}")));
            }
        }

        Approve.That(matrix.ToString(), "LicenseMoves");
    }

    [Fact]
    public void No_two_moves_answer_the_same_question()
    {
        LicenseMoves.All.GroupBy(m => (m.From, m.Operation, m.Outcome)).ShouldAllBe(g => g.Count() == 1);
    }

    [Theory]
    [InlineData(LicenseState.Expired, LicenseOperation.Renew, LicenseOperation.Terminate, LicenseOperation.Remove)]
    [InlineData(LicenseState.Terminated, LicenseOperation.Remove)]
    [InlineData(LicenseState.Installed, LicenseOperation.Renew, LicenseOperation.Terminate, LicenseOperation.Change, LicenseOperation.Remove)]
    public void Nothing_but_a_renewal_a_change_and_its_end_can_be_done_by_hand_to_a_license_that_is(LicenseState state, params LicenseOperation[] possible)
    {
        LicenseMoves.For(state).ShouldBe(possible);
        foreach (var operation in Enum.GetValues<LicenseOperation>().Except(possible).Where(o => o != LicenseOperation.Expire))
        {
            var refusal = LicenseMoves.Refusal(LicenseId.Of(7), state, operation);

            refusal.ShouldNotBeNull();
            refusal.Code.ShouldBe(LicensingErrors.MoveNotAllowed.Code);
            refusal.Detail.ShouldContain(state.ToString());
            refusal.Remedy.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_refusal_names_what_is_possible_instead()
    {
        LicenseMoves.Refusal(LicenseId.Of(7), LicenseState.Issued, LicenseOperation.Install)!.Remedy.ShouldBe("Possible now: Activate, Retrieve, Renew, Terminate, Change.");
    }

    [Fact]
    public void A_step_cannot_write_a_move_that_the_table_does_not_hold()
    {
        Should.Throw<InvalidOperationException>(() => LicenseMoves.Require(LicenseState.Pending, LicenseOperation.Install, MoveOutcome.Done));
    }
}
