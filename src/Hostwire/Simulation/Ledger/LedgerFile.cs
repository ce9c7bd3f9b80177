using System.Text.Json;
using Hostwire.Diagnostics;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Simulation.Ledger;

/// <summary>A ledger, read whole: about 60 bytes of memory a frame.</summary>
internal sealed class LedgerFile
{
    private readonly Dictionary<string, int> _places;
    private readonly List<LedgerEntry> _entries = [];

    private LedgerFile(LedgerHeader header)
    {
        Header = header;
        Hosts = [.. header.Request.Mix.Take(header.Request.Hosts).Select((shape, number) => SimulatedHost.IdentityOf(header.Request, shape, number).Name)];
        _places = Hosts.Select((name, place) => (name, place)).ToDictionary(host => host.name, host => host.place, StringComparer.Ordinal);
    }

    /// <summary>What the run was asked for.</summary>
    public LedgerHeader Header { get; }

    /// <summary>Names of all hosts of the fleet, those without a record included.</summary>
    public string[] Hosts { get; }

    /// <summary>Every frame, by host and then time.</summary>
    public IReadOnlyList<LedgerEntry> Entries => _entries;

    /// <summary>Records of the ledger that are on the topic.</summary>
    public long RecordsAcknowledged { get; private set; }

    /// <summary>Whether the run came to its end: without that the newest lines may be missing.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Reads a ledger.</summary>
    /// <exception cref="UserException">It cannot be read, or is none.</exception>
    public static LedgerFile Read(string path)
    {
        try
        {
            using StreamReader lines = File.OpenText(path);
            LedgerHeader header = (lines.ReadLine() is { } first ? LedgerHeader.Read(Parse(first)) : null) ?? throw NotOne(path, 1);
            var ledger = new LedgerFile(header);
            int number = 1;
            while (lines.ReadLine() is { } line)
            {
                number++;
                if (!ledger.TryAdd(line))
                {
                    // A process that was killed leaves half a line, and then no other follows.
                    if (lines.ReadLine() is not null)
                    {
                        throw NotOne(path, number);
                    }
                }
            }

            ledger._entries.Sort((left, right) => left.Host != right.Host ? left.Host.CompareTo(right.Host) : left.Frame.TimeMicros.CompareTo(right.Frame.TimeMicros));
            return ledger;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The ledger {path} cannot be read: {ErrorText.Of(error)}", error, ExitCode.Usage);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw NotOne(path, 1, error);
        }
    }

    private static UserException NotOne(string path, int line, Exception? inner = null)
    {
        string message = $"{path}, line {line}: this is no ledger of hostwire simulate, or one of another version.";
        return inner is null ? new UserException(message, ExitCode.Usage) : new UserException(message, inner, ExitCode.Usage);
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    // False where the line is not one of a ledger's.
    private bool TryAdd(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return TryAdd(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private bool TryAdd(JsonElement line)
    {
        if (line.TryGetProperty("end", out _))
        {
            IsWhole = true;
            return true;
        }

        if (!line.TryGetProperty("host", out JsonElement host) || !_places.TryGetValue(host.GetString() ?? "", out int place) || !line.TryGetProperty("frames", out JsonElement frames))
        {
            return false;
        }

        bool isAcknowledged = line.TryGetProperty("partition", out JsonElement partition);
        long offset = isAcknowledged ? line.GetProperty("offset").GetInt64() : -1;
        RecordsAcknowledged += isAcknowledged ? 1 : 0;
        foreach (JsonElement frame in frames.EnumerateArray())
        {
            if (!FrameDigest.TryParse(frame[2].GetString(), out FrameDigest digest))
            {
                return false;
            }

            _entries.Add(new LedgerEntry(place, isAcknowledged ? partition.GetInt32() : -1, offset, new LedgerFrame(frame[0].GetInt64(), frame[1].GetInt32(), digest)));
        }

        return true;
    }
}
