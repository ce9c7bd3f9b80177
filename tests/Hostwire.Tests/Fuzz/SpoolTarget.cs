using Hostwire.Agent;
using Hostwire.Agent.Spool;
using Hostwire.Diagnostics;

namespace Hostwire.Tests.Fuzz;

/// <summary>A spool's file that is damaged: the agent starts, and hands out no record that it was not given.</summary>
internal sealed class SpoolTarget : FuzzTarget
{
    private const int Records = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("hostwire-fuzz-").FullName;
    private readonly byte[] _sound;

    public SpoolTarget()
    {
        string path = Path.Combine(_folder, "sound.db");
        using (SpoolQueue queue = Open(path))
        {
            for (int number = 0; number < Records; number++)
            {
                queue.Add(Record(number));
            }

            queue.Step();
        }

        _sound = File.ReadAllBytes(path);
    }

    protected override byte[][] Originals => [_sound];

    public override void Check(byte[] input)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "one")).FullName;
        try
        {
            string path = Path.Combine(folder, "spool.db");
            File.WriteAllBytes(path, input);
            using SpoolQueue queue = Open(path);
            queue.Step();
            while (queue.Take() is { } record)
            {
                Assert.Equal(Record(record.Value[0]), record.Value);
                queue.Acknowledge(record);
                queue.Step();
            }
        }
        catch (UserException error)
        {
            Assert.NotEmpty(error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public override void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose();
    }

    private static byte[] Record(int number) => [.. Enumerable.Repeat((byte)number, 200 + (300 * (number % 3)))];

    public static SpoolQueue Open(string path) => new(
        new SpoolSettings
        {
            Path = path, BytesMax = long.MaxValue, MemoryBytesMax = long.MaxValue, AgeMax = TimeSpan.FromDays(10_000), SyncInterval = TimeSpan.FromSeconds(10),
        },
        new AgentCounters(), new FakeLogger(), new FakeClock());
}
