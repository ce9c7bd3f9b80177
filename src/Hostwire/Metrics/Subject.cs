namespace Hostwire.Metrics;

/// <summary>What a series is about where that is not the whole host: the processes of one program.</summary>
/// <remarks>
/// Its attributes travel with the resource, as OpenTelemetry has it for processes. So the points of each subject make a frame of their own, and which
/// subjects a scrape happens to hold makes no new layout. Compared by reference.
/// </remarks>
/// <param name="keys">The keys of its attributes.</param>
/// <param name="values">Their values, in the same order.</param>
public sealed class Subject(string[] keys, string[] values)
{
    /// <summary>The keys of its attributes.</summary>
    public string[] Keys { get; } = keys;

    /// <summary>Their values.</summary>
    public string[] Values { get; } = values;

    /// <summary>What the OTLP encoder has made of the attributes.</summary>
    internal byte[]? OtlpAttributes { get; set; }
}
