namespace Hostwire.Configuration;

/// <summary>What is logged, always to stderr: section <c>[log]</c>.</summary>
public sealed record LogOptions
{
    /// <summary><c>log.level</c>: <c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public string Level { get; init; } = "info";

    /// <summary><c>log.format</c>: <c>text</c> (key=value) or <c>json</c>; one line an event either way.</summary>
    public string Format { get; init; } = "text";
}
