namespace Hostwire.Tests.Fuzz;

/// <summary>A short run of every fuzz target, always the same one, and whatever was wrong once; <c>scripts/fuzz</c> runs them for as long as one likes.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Names { get; } = [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_short_run_finds_nothing(string name)
    {
        (_, int inputs, Func<FuzzTarget> create) = FuzzTargets.All.Single(target => target.Name == name);
        var run = new FuzzRun(name, create, seed: 1);
        run.Run(first: 0, inputs, threads: 1, TestContext.Current.CancellationToken);
        Assert.True(run.Findings.Count == 0, run.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_wrong_once_is_right_now(string name)
    {
        using FuzzTarget target = FuzzTargets.All.Single(one => one.Name == name).Create();
        Assert.All(FuzzTargets.Kept(name), target.Check);
    }
}
