using Hostwire.Diagnostics;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Tests.Simulation;

public sealed class ShapeMixTests
{
    [Fact]
    public void Hosts_are_shared_out_by_weight_and_every_stretch_of_them_is_mixed()
    {
        string[] shapes = [.. ShapeMix.Parse("--shapes", "vm=6, server=2").Take(80).Select(shape => shape.Name)];

        Assert.Equal(60, shapes.Count(name => name is "vm"));
        Assert.Equal(20, shapes.Count(name => name is "server"));
        Assert.All(shapes.Chunk(8), chunk => Assert.Equal(2, chunk.Count(name => name is "server")));
    }

    [Fact]
    public void A_name_alone_is_a_fleet_of_one_shape() =>
        Assert.All(ShapeMix.Parse("--shapes", "db").Take(7), shape => Assert.Equal("db", shape.Name));

    [Fact]
    public void The_usual_mix_has_every_shape_and_reads_back_what_it_prints()
    {
        Assert.Equal(HostShapes.All.Length, ShapeMix.Usual.Take(20).Distinct().Count());
        Assert.Equal(ShapeMix.Usual.Take(200), ShapeMix.Parse("--shapes", ShapeMix.Usual.ToString()).Take(200));
    }

    [Theory]
    [InlineData("servr", "Did you mean server?")]
    [InlineData("vm=", "weight of vm")]
    [InlineData("vm=0", "weight of vm")]
    [InlineData("vm=1,", "There are vm, db, container, server")]
    public void What_is_no_mix_is_refused_with_the_nearest_name(string text, string words)
    {
        UserException error = Assert.Throws<UserException>(() => ShapeMix.Parse("--shapes", text));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }
}
