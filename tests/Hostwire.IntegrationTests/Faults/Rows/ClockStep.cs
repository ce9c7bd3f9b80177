using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The clock of an agent's host is set, perhaps in the middle of a reading, and set right again.</summary>
internal sealed class ClockStep : AgentFault
{
    private static readonly (string Name, TimeSpan By)[] Steps =
    [
        ("a day ahead", TimeSpan.FromDays(1)),
        ("a day back", TimeSpan.FromDays(-1)),
        ("over a year ahead", TimeSpan.FromDays(400)),
        ("ten years back", TimeSpan.FromDays(-3_650)),
        ("half a second back", TimeSpan.FromSeconds(-0.5)),
    ];

    private readonly (string Name, TimeSpan By) _step;
    private readonly bool _isInReading;

    public ClockStep(Random random)
        : base(5, "clock set")
    {
        _step = Steps[random.Next(Steps.Length)];
        Draw("step", _step.Name);
        _isInReading = random.Next(2) == 0;
        Draw("when", _isInReading ? "during a reading" : "at any time");
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        await StepAsync(round, _step.By, cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await StepAsync(round, TimeSpan.Zero, cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
    }

    protected override void Prepare(AgentPlan agents) => agents.Preload = "clock.c";

    private async Task StepAsync(Round round, TimeSpan by, CancellationToken cancellationToken)
    {
        LedgerAgent agent = round.Agents[0];
        if (_isInReading)
        {
            await File.WriteAllTextAsync(Path.Combine(agent.Folder, "slow"), "", cancellationToken);
            await round.UntilAsync(() => Task.FromResult(Array.Exists(agent.Commands, command => command.Readings() is [.., { IsDone: false }])), "a reading in progress", cancellationToken);
        }
        else
        {
            await Task.Delay(round.Random.Next(1_000), cancellationToken);
        }

        await agent.StepClockAsync(by);
        File.Delete(Path.Combine(agent.Folder, "slow"));
    }
}
