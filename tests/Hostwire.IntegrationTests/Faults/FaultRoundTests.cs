using System.Text.Json;
using Hostwire.IntegrationTests.Faults.Agents;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>A few rounds of the fault runner with fixed seeds, so that every row of the matrix is met in every test run. The long runs are <c>scripts/faults</c>.</summary>
public sealed class FaultRoundTests(FaultFixture faults) : IClassFixture<FaultFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 13, 19, 23, 24)]
    [InlineData(2, 12, 16, 21, 22)]
    [InlineData(3, 14, 15, 17)]
    [InlineData(4, 10, 18, 20)]
    [InlineData(5, 9, 11)]
    [InlineData(6, 1, 18)]
    [InlineData(7, 2)]
    [InlineData(8, 3)]
    [InlineData(9, 4)]
    [InlineData(10, 5, 14)]
    [InlineData(11, 6)]
    [InlineData(12, 7)]
    [InlineData(13, 8)]
    [InlineData(200, 9)]
    public async Task Nothing_is_lost_twice_or_wrong_under_faults(int seed, params int[] rows)
    {
        // Skips where there is no Kafka; a round would call that a failure.
        await KafkaLocation.HomeAsync();
        if (rows.Contains(4) && await SmallDisk.ProblemAsync() is { } problem)
        {
            Assert.Skip(problem);
        }

        RoundReport report = await faults.PlayAsync(RoundPlan.Of(seed, rows), Cancellation);

        // On a machine that is short of everything a round may prove nothing; then it is played again.
        for (int again = 0; report.Verdict == "void" && again < 2; again++)
        {
            report = await faults.PlayAsync(RoundPlan.Of(seed, rows), Cancellation);
        }

        Assert.True(report.Verdict == "ok", JsonSerializer.Serialize(report, RoundReportJson.Default.RoundReport));
    }
}
