using Keygate.KeyServer.PartnerApi30;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>The conflict table of reference 3.4, as it stands there.</summary>
public sealed class OperationsTests
{
    // owner, state, activ., attach, upgrade, bind IP, prod. conf., rebuild, nickname, autoRenew
    private static readonly string[] Table =
    [
        "-yyyyyynnn",
        "y-yyyyynnn",
        "yy-nnnnnnn",
        "yyn-nnnnnn",
        "yynn-nnnnn",
        "yynnn-nnnn",
        "yynnnn-nnn",
        "nnnnnnn-nn",
        "nnnnnnnn-n",
        "nnnnnnnnn-",
    ];

    [Fact]
    public void Conflict_as_the_table_of_the_reference_says()
    {
        var operations = Enum.GetValues<KeyOperation>();
        operations.Length.ShouldBe(10);
        foreach (var one in operations)
        {
            foreach (var other in operations)
            {
                Operations.Conflict(one, other).ShouldBe(Table[(int)one][(int)other] == 'y', $"{Operations.Words(one)} / {Operations.Words(other)}");
            }
        }
    }
}
