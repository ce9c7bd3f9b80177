using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Tripwires for the steps of a batch.</summary>
internal static class BatchSteps
{
    private const string CompareAndSet = "update hostwire.kafka_offset o set next_offset";
    private const string Copy = "copy ";
    private const string Commit = "COMMIT";

    /// <summary>Stops a sink's connection there.</summary>
    /// <param name="step">Where.</param>
    /// <param name="bytes">How much of the COPY goes through, its statement included.</param>
    public static Tripwire Wire(BatchStep step, int bytes) => step switch
    {
        BatchStep.AfterCompareAndSet => new(FlowDirection.ToServer, TripPoint.BeforeText, 0, CompareAndSet, Copy),
        BatchStep.InMidCopy => new(FlowDirection.ToServer, TripPoint.AfterText, bytes, CompareAndSet, Copy),
        BatchStep.BeforeCommit => new(FlowDirection.ToServer, TripPoint.BeforeText, 0, CompareAndSet, Copy, Commit),
        _ => new(FlowDirection.ToServer, TripPoint.BeforeAnswer, 0, CompareAndSet, Copy, Commit),
    };
}
