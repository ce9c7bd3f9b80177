using System.CommandLine;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink offsets</c>: how far the topic is stored.</summary>
internal static class SinkOffsetsCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => new("offsets", "Shows and sets how far each partition is stored.")
    {
        SinkOffsetsShowCommand.Create(),
        SinkOffsetsSetCommand.Create(),
    };
}
