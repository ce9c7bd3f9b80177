using System.Globalization;
using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Finds out who this host is and since when it runs.</summary>
public static class HostIdentityReader
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The host's name (<c>agent.host_name</c>, else the kernel's) and id (<c>agent.host_id</c>, else the machine id, else none), with the attributes it was given.</summary>
    /// <exception cref="UserException">There is no name to be had.</exception>
    public static HostIdentity Read(AgentOptions options)
    {
        string namePath = $"{options.Procfs}/sys/kernel/hostname";
        string? name = options.HostName.Length > 0 ? options.HostName : ReadLine(namePath);
        if (name is null)
        {
            throw new UserException($"This host has no name: {namePath} is empty or cannot be read. Set agent.host_name.", ExitCode.Usage);
        }

        return new HostIdentity(name, options.HostId.Length > 0 ? options.HostId : ReadMachineId(options.Rootfs)) { Attributes = HostAttributes.Of(options) };
    }

    /// <summary>
    /// When the kernel started, in nanoseconds since 1970, by <c>btime</c> of <c>/proc/stat</c>: the start of every running total. Where it is not
    /// said, now: the totals have run since then at least.
    /// </summary>
    public static long ReadStartTimeUnixNano(HostPaths paths, TimeProvider time)
    {
        var file = new KernelFile($"{paths.Procfs}/stat");
        return file.TryRead(out ReadOnlySpan<byte> content) && TryParseStartTime(content, out long seconds) && seconds > 0
            ? seconds * NanosecondsPerSecond
            : (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    internal static bool TryParseStartTime(ReadOnlySpan<byte> content, out long seconds)
    {
        foreach (Range range in content.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = content[range];
            if (line.StartsWith("btime "u8))
            {
                return long.TryParse(line["btime ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
            }
        }

        seconds = 0;
        return false;
    }

    private static string? ReadMachineId(string rootfs)
    {
        // A golden image carries the word "uninitialized" until its first boot; every clone would share it.
        string? id = ReadLine($"{rootfs.TrimEnd('/')}/etc/machine-id");
        return id is "uninitialized" ? null : id;
    }

    private static string? ReadLine(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length > 0 ? text : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Absent in many containers; the caller says what follows from it.
            return null;
        }
    }
}
