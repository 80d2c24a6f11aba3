using Keygate.Notices;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Notices;

public sealed class TopicsTests
{
    [Theory]
    [InlineData("*", "license.installed", true)]
    [InlineData("license.*", "license.installed", true)]
    [InlineData("license.*", "order.paid", false)]
    [InlineData("license.installed", "license.installed", true)]
    [InlineData("license.install", "license.installed", false)]
    [InlineData("license.*", "licenses.installed", false)]
    public void Are_exact_or_of_a_kind_or_all(string wanted, string topic, bool wants) => Topics.Want([wanted], topic).ShouldBe(wants);

    [Theory]
    [InlineData("")]
    [InlineData("license")]
    [InlineData("License.Installed")]
    [InlineData("*.installed")]
    [InlineData("license.*.x")]
    [InlineData("license.installed\n")]
    public void Are_refused_where_they_are_none(string topic) => Topics.Faults([topic]).ShouldHaveSingleItem().Field.ShouldBe("topics");

    [Fact]
    public void Are_at_least_one() => Topics.Faults([]).ShouldHaveSingleItem().Detail.ShouldBe("No topic is named.");
}
