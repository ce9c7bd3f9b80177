namespace Hostwire.Sink;

/// <summary>A record that is set aside instead of stored.</summary>
/// <param name="RecordIndex">Its index in the batch.</param>
/// <param name="Reason">One sentence for people.</param>
internal readonly record struct DeadLetter(int RecordIndex, string Reason)
{
    // It may quote what the record says, and goes to the log, too.
    private const int ReasonLengthMax = 1000;

    /// <summary>One sentence for people; the beginning of it, where it is very long.</summary>
    public string Reason { get; } = Cut(Reason);

    private static string Cut(string reason)
    {
        if (reason.Length <= ReasonLengthMax)
        {
            return reason;
        }

        // Half a character is none, and PostgreSQL would refuse it.
        int length = char.IsHighSurrogate(reason[ReasonLengthMax - 1]) ? ReasonLengthMax - 1 : ReasonLengthMax;
        return reason[..length] + "…";
    }
}
