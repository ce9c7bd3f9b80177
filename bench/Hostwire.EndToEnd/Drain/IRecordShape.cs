namespace Hostwire.EndToEnd.Drain;

/// <summary>Makes records that all have the same points; the truth of what they say is kept beside them.</summary>
internal interface IRecordShape
{
    /// <summary>What it is, in a few words.</summary>
    string Description { get; }

    /// <summary>The series of every host.</summary>
    IReadOnlyList<SeriesName> Series { get; }

    /// <summary>Frames a record.</summary>
    int Groups { get; }

    /// <summary>The name of a host.</summary>
    string HostName(int host);

    /// <summary>The record's key; null: none.</summary>
    byte[]? Key(int host);

    /// <summary>The next record of a host; valid until the next call.</summary>
    /// <param name="host">Which host.</param>
    /// <param name="tickMicros">When it is due, in microseconds since 1970.</param>
    /// <param name="points">Is emptied and given what the record says.</param>
    ReadOnlyMemory<byte> Next(int host, long tickMicros, List<SentPoint> points);
}
