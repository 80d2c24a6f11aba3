using Keygate.Kernel;
using Keygate.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders;

public sealed class OrderMovesTests
{
    private static readonly OrderId Some = OrderId.Of(7);

    [Fact]
    public void Answers_every_state_operation_and_outcome_with_one_move_or_a_refusal()
    {
        foreach (var state in Enum.GetValues<OrderState>())
        {
            foreach (var operation in Enum.GetValues<OrderOperation>())
            {
                foreach (var outcome in Enum.GetValues<OrderOutcome>())
                {
                    var rows = OrderMoves.All.Where(m => m.From == state && m.Operation == operation && m.Outcome == outcome).ToList();
                    rows.Count.ShouldBeLessThanOrEqualTo(1, $"{state} {operation} {outcome}");

                    var next = OrderMoves.Next(Some, state, operation, outcome);
                    if (rows.Count == 1)
                    {
                        next.Value.ShouldBe(rows[0].To);
                    }
                    else
                    {
                        next.Error.ShouldNotBeNull().Kind.ShouldBe(ErrorKind.Conflict);
                        next.Error.Remedy.ShouldNotBeNullOrWhiteSpace();
                    }
                }
            }
        }
    }

    [Fact]
    public void Ends_nothing_that_is_final()
    {
        foreach (var state in new[] { OrderState.CP, OrderState.CL, OrderState.FR })
        {
            state.IsFinal().ShouldBeTrue();
            OrderMoves.All.ShouldNotContain(m => m.From == state);
        }
    }

    [Fact]
    public void Leads_out_of_every_state_that_is_not_final_and_into_every_state_but_the_first()
    {
        foreach (var state in Enum.GetValues<OrderState>())
        {
            OrderMoves.All.Any(m => m.From == state && m.To != state).ShouldBe(!state.IsFinal(), state.ToString());
            OrderMoves.All.Any(m => m.To == state && m.From != state).ShouldBe(state != OrderState.NW, state.ToString());
        }
    }

    [Fact]
    public void Reaches_provisioning_only_through_the_decision_that_nothing_is_owed()
    {
        OrderMoves.All.Where(m => m.To == OrderState.PR && m.From is not (OrderState.PF or OrderState.LO or OrderState.PR))
            .ShouldAllBe(m => m.From == OrderState.PD);
        OrderMoves.All.Where(m => m.To == OrderState.PD).ShouldAllBe(m =>
            (m.From == OrderState.OP && m.Operation == OrderOperation.Submit && m.Outcome == OrderOutcome.Done)
            || (m.From == OrderState.WP && m.Operation == OrderOperation.Pay)
            || (m.From == OrderState.WA && m.Operation == OrderOperation.Approve));
    }

    [Theory]
    [InlineData(OrderState.NW, "open, hold, cancel")]
    [InlineData(OrderState.WP, "pay, hold, cancel, mark-fraud")]
    [InlineData(OrderState.WA, "approve, hold, cancel, mark-fraud")]
    [InlineData(OrderState.HL, "open, cancel, mark-fraud")]
    [InlineData(OrderState.PR, "")]
    [InlineData(OrderState.PF, "resubmit, cancel")]
    [InlineData(OrderState.CP, "")]
    public void Names_what_a_person_can_do(OrderState state, string possible) =>
        string.Join(", ", OrderMoves.For(state).Select(OrderMoves.Word)).ShouldBe(possible);

    [Fact]
    public void Refuses_in_words_with_what_is_possible_instead()
    {
        var refusal = OrderMoves.Next(Some, OrderState.WP, OrderOperation.Approve, OrderOutcome.Done).Error.ShouldNotBeNull();

        refusal.Code.ShouldBe("orders.move-not-allowed");
        refusal.Detail.ShouldBe("Order 7 is Waiting for Payment (WP): approve is not possible.");
        refusal.Remedy.ShouldBe("Possible now: pay, hold, cancel, mark-fraud.");
    }

    [Fact]
    public void Knows_the_name_of_every_state() =>
        Enum.GetValues<OrderState>().ShouldAllBe(state => state.Name().Length > 0);
}
