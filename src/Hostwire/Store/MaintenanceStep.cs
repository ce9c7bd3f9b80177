namespace Hostwire.Store;

/// <summary>One thing that maintenance did, or could not do yet.</summary>
/// <param name="Task">What, e.g. <c>drop partition</c>.</param>
/// <param name="Object">To what, e.g. <c>frame_20261124</c>.</param>
/// <param name="Outcome">How it went, in words: <c>done</c> or <c>skipped</c> and why.</param>
public sealed record MaintenanceStep(string Task, string Object, string Outcome)
{
    /// <summary>Whether it was put off, because somebody held a lock.</summary>
    public bool IsSkipped => Outcome.StartsWith("skipped", StringComparison.Ordinal);
}
