using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>One stand for the rounds of the test run.</summary>
public sealed class FaultFixture(PublishedBinary hostwire) : IAsyncDisposable
{
    private readonly RoundRunner _runner = new(hostwire, "of the test run");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    internal async Task<RoundReport> PlayAsync(RoundPlan plan, CancellationToken cancellationToken) =>
        await _runner.PlayAsync(plan, rows: "", logs: Repository.PathOf("artifacts/faults.logs"), cancellationToken)
            ?? throw new OperationCanceledException(cancellationToken);
}
