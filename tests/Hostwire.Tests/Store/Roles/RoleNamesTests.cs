using Hostwire.Store.Roles;

namespace Hostwire.Tests.Store.Roles;

public sealed class RoleNamesTests
{
    [Fact]
    public void A_prefix_makes_four_names_that_need_no_quotes()
    {
        Assert.True(RoleNames.TryMake("metrics_2", out RoleNames? names));
        Assert.Equal(["metrics_2_owner", "metrics_2_sink", "metrics_2_reader", "metrics_2_maintenance"], names.All);
        Assert.Equal("grant metrics_2_owner to metrics_2_sink on schema hostwire", names.Name("grant hostwire_owner to hostwire_sink on schema hostwire"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Hostwire")]
    [InlineData("2_metrics")]
    [InlineData("pg_metrics")]
    [InlineData("a b")]
    [InlineData("a\"b")]
    [InlineData("ä")]
    [InlineData("a_name_of_more_than_fifty_characters_that_would_be_cut")]
    public void A_prefix_that_would_need_quotes_or_be_cut_or_is_reserved_is_none(string prefix) => Assert.False(RoleNames.TryMake(prefix, out _));
}
