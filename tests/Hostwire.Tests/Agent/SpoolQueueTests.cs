using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Hostwire.Agent;
using Hostwire.Agent.Spool;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Agent;

public sealed class SpoolQueueTests : IDisposable
{
    private const int ValueBytes = 1000;

    // A page in SQLite's log, and its header there.
    private const int FrameBytes = 4096 + 24;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLogger _logger = new();
    private readonly FakeClock _time = new();
    private readonly List<SpoolQueue> _opened = [];
    private AgentCounters _counters = new();

    private string SpoolPath => Path.Combine(_folder.Path, "spool.db");

    public void Dispose()
    {
        _opened.ForEach(queue => queue.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void Record_can_be_taken_once_it_is_in_the_file_and_not_before()
    {
        SpoolQueue queue = Open();
        int ready = 0;
        queue.Ready = () => ready++;
        Add(queue, 1);
        Assert.Null(queue.Take());

        queue.Step();
        Assert.Equal(1, ready);
        Assert.Equal(1, Number(queue.Take()!));
        Assert.Equal([1], Kill(queue));
    }

    [Fact]
    public void What_was_not_acknowledged_is_there_after_a_kill_and_what_was_is_gone_after_an_orderly_end()
    {
        SpoolQueue queue = Open();
        Add(queue, 1, 2, 3, 4);
        queue.Step();
        queue.Acknowledge(queue.Take()!);
        queue.Take();
        Add(queue, 5);
        queue.Step();
        Assert.Equal([2, 3, 4, 5], Kill(queue));

        queue.Acknowledge(queue.Take()!);
        queue.Dispose();
        Assert.Equal([2, 4, 5], TakeAll(Open()));
        Assert.Equal(0, _counters.RecordsDropped);
    }

    [Fact]
    public void After_an_outage_the_newest_go_first_then_the_file_from_its_oldest_and_a_new_one_before_both()
    {
        SpoolQueue queue = Open(window: 3 * ValueBytes);
        Add(queue, [.. Enumerable.Range(1, 20)]);
        queue.Step();
        List<int> order = [Next(queue), Next(queue), Next(queue)];
        queue.Step();
        order.AddRange([Next(queue), Next(queue)]);
        Add(queue, 21);
        queue.Step();
        order.AddRange(TakeAll(queue));

        Assert.Equal([18, 19, 20, 1, 2, 21, .. Enumerable.Range(3, 15)], order);
    }

    [Fact]
    public void Records_that_come_back_wait_in_their_old_place()
    {
        SpoolQueue queue = Open(window: 3 * ValueBytes);
        Add(queue, [.. Enumerable.Range(1, 10)]);
        queue.Step();
        Next(queue);
        Next(queue);
        Next(queue);
        queue.Step();
        QueuedRecord first = queue.Take()!;
        QueuedRecord second = queue.Take()!;
        queue.Return(second);
        queue.Return(first);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], TakeAll(queue));
    }

    [Fact]
    public void Beyond_its_bytes_the_oldest_are_dropped_and_counted_exactly()
    {
        SpoolQueue queue = Open(bytesMax: 10 * ValueBytes, window: 3 * ValueBytes);
        Add(queue, [.. Enumerable.Range(1, 8)]);
        queue.Step();
        QueuedRecord onItsWay = queue.Take()!;
        for (int number = 9; number <= 30; number++)
        {
            Add(queue, number);
            queue.Step();
        }

        Assert.Equal((10, 20, 30), (queue.Count, _counters.RecordsDropped, _counters.RecordsQueued));
        Assert.Equal(LogLevel.Error, Assert.Single(_logger.Lines).Level);
        Assert.Contains("agent.spool_max_bytes", _logger.Lines[0].Message, StringComparison.Ordinal);
        queue.Return(onItsWay);
        Assert.Equal([6, .. Enumerable.Range(22, 9)], TakeAll(queue).Order());
        Assert.Equal([6, .. Enumerable.Range(22, 9)], Kill(queue).Order());
    }

    [Fact]
    public void What_is_too_old_is_dropped_and_counted()
    {
        SpoolQueue queue = Open(ageMax: TimeSpan.FromHours(1), window: 2 * ValueBytes);
        Add(queue, 1, 2, 3, 4);
        queue.Step();
        _time.Advance(TimeSpan.FromMinutes(40));
        Add(queue, 5, 6, 7, 8);
        queue.Step();
        _time.Advance(TimeSpan.FromMinutes(30));
        queue.Step();

        Assert.Equal(4, _counters.RecordsDropped);
        Assert.Equal([5, 6, 7, 8], TakeAll(queue).Order());
    }

    [Fact]
    public void The_file_shrinks_again()
    {
        SpoolQueue queue = Open();
        for (int number = 0; number < 3000; number++)
        {
            Add(queue, 1);
        }

        queue.Step();
        queue.Step();
        long full = new FileInfo(SpoolPath).Length;
        while (queue.Take() is { } record)
        {
            queue.Acknowledge(record);
            queue.Step();
        }

        while (queue.UntilNextStep() == TimeSpan.Zero)
        {
            queue.Step();
        }

        Assert.InRange(full, 3000 * ValueBytes, long.MaxValue);
        Assert.InRange(new FileInfo(SpoolPath).Length + new FileInfo(SpoolPath + "-wal").Length, 0, full * 2 / 3);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Halves_of_a_record_keep_its_row_until_both_have_arrived()
    {
        SpoolQueue queue = Open();
        Add(queue, 1, 2);
        queue.Step();
        queue.Split(queue.Take()!, Value(11), Value(12));
        QueuedRecord first = queue.Take()!;
        Assert.Equal(11, Number(first));
        queue.Acknowledge(first);
        queue.Step();
        Assert.Equal([1, 2], Kill(queue));

        Assert.Equal(12, Number(queue.Take() is { } second ? Acknowledged(queue, second) : throw new InvalidOperationException()));
        queue.Step();
        Assert.Equal([2], Kill(queue));
        Assert.Equal(_counters.RecordsQueued, _counters.RecordsAcknowledged + _counters.RecordsDropped + queue.Count);
    }

    [Fact]
    public void What_the_broker_refuses_is_counted_and_the_newest_of_it_set_aside_with_the_reason()
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, SpoolFile.RefusedMax + 2)]);
        queue.Step();
        for (int number = 1; number <= SpoolFile.RefusedMax + 1; number++)
        {
            queue.Drop(queue.Take()!, $"no {number}");
            if (number == 1)
            {
                queue.Step();
            }
        }

        queue.Dispose();
        Assert.Equal(SpoolFile.RefusedMax + 1, _counters.RecordsDropped);
        using (var spool = new SqliteConnection($"Data Source={SpoolPath};Pooling=False"))
        {
            spool.Open();
            using SqliteCommand command = spool.CreateCommand();
            command.CommandText = "SELECT refused_at, reason, value FROM refused ORDER BY id";
            using SqliteDataReader reader = command.ExecuteReader();
            for (int number = 2; number <= SpoolFile.RefusedMax + 1; number++)
            {
                Assert.True(reader.Read());
                Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), reader.GetInt64(0));
                Assert.Equal($"no {number}", reader.GetString(1));
                Assert.Equal(Value(number), reader.GetFieldValue<byte[]>(2));
            }

            Assert.False(reader.Read());
        }

        Assert.Equal([SpoolFile.RefusedMax + 2], TakeAll(Open()));
    }

    [Fact]
    public void While_the_file_cannot_be_written_it_works_in_memory_and_recovers_by_itself()
    {
        // Where the folder should be there is a file, also for root, whom no permission keeps out.
        string folder = Path.Combine(_folder.Path, "state");
        File.WriteAllText(folder, "");
        SpoolQueue queue = Open(Path.Combine(folder, "spool.db"), memoryMax: 3 * ValueBytes);
        Add(queue, 1, 2, 3, 4, 5);
        queue.Step();
        Assert.Equal((3, 2, 1), (queue.Count, _counters.RecordsDropped, _counters.SpoolFailures));
        Assert.Equal(3, Next(queue));
        Assert.Equal(3, queue.Unwritten);

        File.Delete(folder);
        _time.Advance(queue.UntilNextStep());
        Add(queue, 6);
        queue.Step();
        // 3 is on its way, and not acknowledged.
        Assert.Equal([3, 4, 5, 6], Kill(queue, Path.Combine(folder, "spool.db")));
        Assert.Equal(0, queue.Unwritten);
        Assert.Equal(LogLevel.Information, _logger.Lines[^1].Level);
        Assert.Equal([4, 5, 6], TakeAll(queue));
        Assert.Equal(2, _counters.RecordsDropped);
    }

    [Fact]
    public async Task While_the_file_hangs_it_works_in_memory_within_its_bound()
    {
        // Whoever opens a pipe that has no other end waits, as for a disk that does not answer.
        string folder = Path.Combine(_folder.Path, "state");
        await File.WriteAllTextAsync(folder, "", TestContext.Current.CancellationToken);
        SpoolQueue queue = Open(Path.Combine(folder, "spool.db"), memoryMax: 3 * ValueBytes);
        File.Delete(folder);
        Directory.CreateDirectory(folder);
        string pipe = Path.Combine(folder, "spool.db-wal");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _time.Advance(queue.UntilNextStep());
        Task step = Task.Run(queue.Step, TestContext.Current.CancellationToken);
        for (int number = 1; !_logger.Lines.Any(line => line.Message.Contains("has not answered for 5 s", StringComparison.Ordinal)); number++)
        {
            Add(queue, number);
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }

        int ready = 0;
        queue.Ready = () => ready++;
        Add(queue, 1001, 1002, 1003, 1004);
        Assert.False(step.IsCompleted);
        Assert.Equal((3, 4), (queue.Count, ready));
        Assert.Equal(1002, Next(queue));
        Assert.Equal(_counters.RecordsQueued - 3, _counters.RecordsDropped);

        await File.WriteAllTextAsync(pipe, "", TestContext.Current.CancellationToken);
        File.Delete(pipe);
        await step;
        _time.Advance(queue.UntilNextStep());
        queue.Step();
        Assert.Equal([1002, 1003, 1004], Kill(queue, Path.Combine(folder, "spool.db")));
    }

    [Fact]
    public void What_is_in_the_file_needs_no_place_in_memory()
    {
        SpoolQueue queue = Open(memoryMax: 3 * ValueBytes);
        for (int number = 1; number <= 10; number++)
        {
            Add(queue, number);
            queue.Step();
        }

        Assert.Equal(Enumerable.Range(1, 10), TakeAll(queue).Order());
        Assert.Equal(0, _counters.RecordsDropped);
    }

    [Fact]
    public void Two_agents_cannot_use_one_spool()
    {
        Open();
        UserException refused = Assert.Throws<UserException>(() => Open());
        Assert.Contains("agent.spool_file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_something_else_is_left_alone()
    {
        SQLitePCL.Batteries_V2.Init();
        using (var other = new SqliteConnection($"Data Source={SpoolPath};Pooling=False"))
        {
            other.Open();
            using Microsoft.Data.Sqlite.SqliteCommand make = other.CreateCommand();
            make.CommandText = "CREATE TABLE t (a)";
            make.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(SpoolPath);
        Assert.Contains("agent.spool_file", Assert.Throws<UserException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(SpoolPath));
    }

    [Fact]
    public void After_the_interval_what_waits_survives_a_power_cut()
    {
        SpoolQueue queue = Open();
        Add(queue, 1, 2);
        queue.Step();
        _time.Advance(queue.UntilNextStep());
        queue.Step();
        long safe = queue.SyncedLogBytes;
        Add(queue, 3, 4);
        queue.Step();

        // What the kernel had not been made to write is gone.
        Assert.Equal([1, 2, 3, 4], Kill(queue));
        Assert.Equal([1, 2], Kill(queue, SpoolPath, log => log[..(int)safe]));
    }

    [Fact]
    public void What_has_arrived_need_not_be_made_safe()
    {
        SpoolQueue queue = Open();
        Add(queue, 1);
        queue.Step();
        queue.Acknowledge(queue.Take()!);
        _time.Advance(TimeSpan.FromMinutes(1));
        queue.Step();
        Assert.Equal(0, queue.SyncedLogBytes);
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("zeros")]
    [InlineData("junk")]
    [InlineData("header")]
    public void A_damaged_file_is_set_aside_and_what_can_be_read_is_saved(string damage)
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 100)]);
        queue.Dispose();
        byte[] file = File.ReadAllBytes(SpoolPath);
        switch (damage)
        {
            case "truncated": file = file[..(file.Length / 2)]; break;
            case "zeros": file.AsSpan(file.Length / 2, 8192).Clear(); break;
            case "junk": new Random(1).NextBytes(file.AsSpan(file.Length / 2, 8192)); break;
            default: file.AsSpan(0, 100).Clear(); break;
        }

        File.WriteAllBytes(SpoolPath, file);
        _counters = new AgentCounters();
        List<int> saved = TakeAll(Open());
        Assert.Equal(1, _counters.SpoolsDamaged);
        Assert.True(File.Exists(SpoolPath + ".damaged"));
        Assert.Empty(saved.Except(Enumerable.Range(1, 100)));
        Assert.Equal(saved.Distinct().Order(), saved);
        if (damage is "zeros" or "junk")
        {
            Assert.InRange(saved.Count, 80, 99);
            Assert.Equal(100 - saved.Count, _counters.RecordsDropped);
            Assert.Contains($"{saved.Count} records were saved from it, at most {100 - saved.Count} records are lost", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
        }

        SpoolQueue after = Open(Path.Combine(_folder.Path, "next.db"));
        Add(after, 1);
        after.Step();
        Assert.Equal([1], TakeAll(after));
    }

    [Fact]
    public void Of_a_damaged_place_the_most_that_can_have_been_there_is_counted()
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 100)]);
        queue.Step();
        QueuedRecord[] taken = [.. Enumerable.Range(1, 100).Select(_ => queue.Take()!)];
        foreach (QueuedRecord record in taken.Where((_, index) => index % 2 == 0))
        {
            queue.Acknowledge(record);
        }

        queue.Dispose();
        byte[] file = File.ReadAllBytes(SpoolPath);
        file.AsSpan(file.Length / 2, 8192).Clear();
        File.WriteAllBytes(SpoolPath, file);
        _counters = new AgentCounters();
        int missing = 50 - TakeAll(Open()).Count;
        Assert.True(missing > 0);
        Assert.InRange(_counters.RecordsDropped, missing, 2 * missing + 1);
    }

    [Theory]
    [InlineData("byte")]
    [InlineData("header")]
    [InlineData("header and first frame")]
    [InlineData("file")]
    public void What_a_damaged_log_has_lost_is_said_and_the_log_is_set_aside(string damaged)
    {
        SpoolQueue queue = Open();
        for (int number = 1; number <= 20; number++)
        {
            Add(queue, number);
            queue.Step();
        }

        string copy = Path.Combine(_folder.Path, "copy.db");
        File.Copy(SpoolPath, copy);
        byte[] log = File.ReadAllBytes(SpoolPath + "-wal");
        switch (damaged)
        {
            case "byte": log[log.Length / 2] ^= 1; break;
            case "header": log.AsSpan(0, 32).Clear(); break;
            case "header and first frame": log.AsSpan(0, 100).Clear(); break;
            default: File.Delete(copy); break;
        }

        File.WriteAllBytes(copy + "-wal", log);
        _counters = new AgentCounters();
        SpoolQueue opened = Open(copy);
        int[] saved = [.. TakeAll(opened)];
        Assert.Equal(Enumerable.Range(1, saved.Length), saved);
        Assert.InRange(saved.Length, 0, 19);
        Assert.Equal(1, _counters.SpoolsDamaged);
        Assert.Contains("an unknown number of the records added last are lost", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
        Assert.Equal(log, File.ReadAllBytes(copy + ".damaged-wal"));
    }

    [Fact]
    public void A_log_that_ends_where_the_agent_was_killed_is_not_damaged()
    {
        SpoolQueue queue = Open();
        for (int number = 1; number <= 400; number++)
        {
            Add(queue, number);
            queue.Step();
            queue.Acknowledge(queue.Take()!);
            if (number % 50 == 0)
            {
                Kill(queue);
            }
        }

        // In the middle of a transaction: its pages are there and not the one that ends it.
        string path = Path.Combine(_folder.Path, "other.db");
        SpoolQueue other = Open(path);
        Add(other, [.. Enumerable.Range(1, 50)]);
        other.Step();
        Assert.Empty(Kill(other, path, log => log[..^FrameBytes]));
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void A_byte_that_changed_within_a_record_costs_that_record_and_is_counted()
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 10)]);
        queue.Dispose();
        byte[] file = File.ReadAllBytes(SpoolPath);
        int place = file.AsSpan().IndexOf(Value(7));
        file[place + (ValueBytes / 2)] ^= 1;
        File.WriteAllBytes(SpoolPath, file);

        _counters = new AgentCounters();
        SpoolQueue damaged = Open();
        damaged.Step();
        Assert.Equal([1, 2, 3, 4, 5, 6, 8, 9, 10], TakeAll(damaged));
        Assert.Equal(1, _counters.RecordsDropped);
        damaged.Dispose();
        Assert.Equal(9, Open().Count);
    }

    [Theory]
    [InlineData(-140_000_000_000_000)]
    [InlineData(long.MaxValue)]
    public void A_time_that_none_can_be_costs_that_record_and_is_counted(long addedAt)
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 10)]);
        queue.Dispose();
        Change($"UPDATE record SET added_at = {addedAt} WHERE id = 7");
        _counters = new AgentCounters();
        Assert.Equal([1, 2, 3, 4, 5, 6, 8, 9, 10], TakeAll(Open()));
        Assert.Equal(1, _counters.RecordsDropped);
    }

    [Fact]
    public void A_damaged_file_stays_where_it_is_until_all_that_can_be_read_is_saved()
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 100)]);
        queue.Dispose();
        byte[] file = File.ReadAllBytes(SpoolPath);
        file.AsSpan(file.Length / 2, 8192).Clear();
        File.WriteAllBytes(SpoolPath, file);

        // Where the new file should be is no room for one.
        Directory.CreateDirectory(SpoolPath + ".salvaging");
        SpoolQueue opened = Open();
        Assert.Empty(TakeAll(opened));
        Assert.False(File.Exists(SpoolPath + ".damaged"));

        // As a kill leaves it in the middle of saving: the new file is not complete.
        Directory.Delete(SpoolPath + ".salvaging");
        File.WriteAllBytes(SpoolPath + ".salvaging", file[..8192]);
        _time.Advance(TimeSpan.FromSeconds(5));
        List<int> saved = TakeAll(opened);
        Assert.InRange(saved.Count, 80, 99);
        Assert.Equal("spool.db spool.db-wal spool.db.damaged", FilesOf(_folder.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_saved_takes_the_place_of_the_damaged_file_although_the_agent_was_killed_before(bool isSetAside)
    {
        SpoolQueue queue = Open();
        Add(queue, [.. Enumerable.Range(1, 10)]);
        queue.Dispose();
        File.Move(SpoolPath, SpoolPath + ".salvaged");
        File.WriteAllText(isSetAside ? SpoolPath + ".damaged" : SpoolPath, "damaged");
        Assert.Equal(Enumerable.Range(1, 10), TakeAll(Open()));
        Assert.Equal("spool.db spool.db-wal spool.db.damaged", FilesOf(_folder.Path));
        Assert.Equal(1, _counters.SpoolsDamaged);
    }

    [Fact]
    public void Damage_that_shows_while_it_runs_is_counted_once()
    {
        SpoolQueue queue = Open(window: 2 * ValueBytes);
        Add(queue, [.. Enumerable.Range(1, 1000)]);
        queue.Step();
        using (FileStream file = new(SpoolPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = file.Length * 3 / 10;
            file.Write(new byte[file.Length * 4 / 10]);
        }

        // The step that meets the damage closes the file, the next one saves.
        HashSet<int> saved = [.. TakeAll(queue), .. TakeAll(queue)];
        Assert.InRange(saved.Count, 500, 700);
        Assert.Equal(1, _counters.SpoolsDamaged);
        Assert.Equal(1000 - saved.Count, _counters.RecordsDropped);
    }

    [Fact]
    public void A_record_that_may_be_at_fault_does_not_keep_others_out_of_the_file()
    {
        SpoolQueue queue = Open(window: 2 * ValueBytes, memoryMax: 5 * ValueBytes);
        Add(queue, 1);
        queue.Step();
        QueuedRecord suspect = queue.Take()!;
        suspect.IsSuspect = true;
        queue.Return(suspect);
        for (int number = 2; number <= 11; number++)
        {
            Add(queue, number);
            queue.Step();
        }

        Assert.Equal(0, _counters.RecordsDropped);
        Assert.Equal(Enumerable.Range(1, 11), TakeAll(queue).Order());
    }

    [Fact]
    public void Damage_that_shows_while_it_runs_costs_nothing_that_is_in_memory()
    {
        SpoolQueue queue = Open(window: 100 * ValueBytes);
        Add(queue, [.. Enumerable.Range(1, 50)]);
        queue.Step();
        using (FileStream file = new(SpoolPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(4096);
        }

        Add(queue, 51);
        for (int step = 0; step < 5; step++)
        {
            queue.Step();
        }

        Assert.Equal(Enumerable.Range(1, 51), TakeAll(queue));
        Assert.Equal(Enumerable.Range(1, 51), Kill(queue).Order());
    }

    /// <summary>The account balances after whatever happened, and what a killed agent leaves is what was in the file and not acknowledged.</summary>
    [Fact]
    public void Every_record_is_accounted_for_whatever_happens() =>
        Gen.Int[0, 8].Array[1, 120].Sample(
            actions =>
            {
                string path = Path.Combine(_folder.Path, Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture));
                var counters = new AgentCounters();
                using var queue = new SpoolQueue(Settings(path, 20 * ValueBytes, 4 * ValueBytes, 100 * ValueBytes, TimeSpan.FromDays(1)), counters, _logger, _time);
                var taken = new List<QueuedRecord>();
                for (int i = 0; i < actions.Length; i++)
                {
                    switch (actions[i])
                    {
                        case 0 or 1: Add(queue, i + 1); break;
                        case 2 or 3: queue.Step(); break;
                        case 4 when queue.Take() is { } record: taken.Add(record); break;
                        case 5 when taken.Count > 0: queue.Acknowledge(Remove(taken, i)); break;
                        case 6 when taken.Count > 0: queue.Return(Remove(taken, i)); break;
                        case 7 when taken.Count > 0: queue.Drop(Remove(taken, i), "no"); break;
                        case 8 when taken.Count > 0: queue.Split(Remove(taken, i), Value(1000 + i), Value(2000 + i)); break;
                    }

                    Assert.Equal(counters.RecordsQueued, counters.RecordsAcknowledged + counters.RecordsDropped + queue.Count);
                    Assert.Equal((queue.Count, queue.Bytes), (counters.RecordsWaiting, counters.BytesWaiting));
                    Assert.Equal(queue.Count * ValueBytes, queue.Bytes);
                }

                queue.Step();
                Assert.InRange(queue.Count, 0, 20 + taken.Count);
                List<int> rest = [.. taken.Select(Number), .. TakeAll(queue)];
                Assert.Equal(queue.Count, rest.Count);
                Assert.Equal(rest.Count, rest.Distinct().Count());
            },
            iter: 200);

    private static QueuedRecord Remove(List<QueuedRecord> records, int which)
    {
        QueuedRecord record = records[which % records.Count];
        records.Remove(record);
        return record;
    }

    private static QueuedRecord Acknowledged(SpoolQueue queue, QueuedRecord record)
    {
        queue.Acknowledge(record);
        return record;
    }

    private static byte[] Value(int number)
    {
        byte[] value = new byte[ValueBytes];
        new Random(number).NextBytes(value);
        BitConverter.TryWriteBytes(value, number);
        return value;
    }

    private static int Number(QueuedRecord record)
    {
        int number = BitConverter.ToInt32(record.Value);
        Assert.Equal(Value(number), record.Value);
        return number;
    }

    private static void Add(SpoolQueue queue, params int[] numbers)
    {
        foreach (int number in numbers)
        {
            queue.Add(Value(number));
        }
    }

    private static int Next(SpoolQueue queue) => Number(queue.Take()!);

    private static List<int> TakeAll(SpoolQueue queue)
    {
        var numbers = new List<int>();
        queue.Step();
        while (queue.Take() is { } record)
        {
            numbers.Add(Number(record));
            queue.Step();
        }

        return numbers;
    }

    private static string FilesOf(string folder) => string.Join(' ', Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={SpoolPath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SpoolSettings Settings(string path, long bytesMax, long window, long memoryMax, TimeSpan ageMax) => new()
    {
        Path = path,
        BytesMax = bytesMax,
        MemoryBytesMax = memoryMax,
        AgeMax = ageMax,
        SyncInterval = TimeSpan.FromSeconds(10),
        WindowBytes = window,
    };

    /// <summary>What an agent finds that starts after this one was killed at this moment.</summary>
    private List<int> Kill(SpoolQueue queue, string? path = null, Func<byte[], byte[]>? cut = null)
    {
        GC.KeepAlive(queue);
        string copy = Path.Combine(_folder.Path, Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture));
        File.Copy(path ?? SpoolPath, copy);
        byte[] log = File.ReadAllBytes((path ?? SpoolPath) + "-wal");
        File.WriteAllBytes(copy + "-wal", cut is null ? log : cut(log));
        using var next = new SpoolQueue(Settings(copy, long.MaxValue, long.MaxValue, long.MaxValue, TimeSpan.FromDays(1)), new AgentCounters(), _logger, _time);
        return TakeAll(next);
    }

    private SpoolQueue Open(
        string? path = null, long bytesMax = long.MaxValue, long window = 1024 * 1024, long memoryMax = long.MaxValue, TimeSpan? ageMax = null)
    {
        var queue = new SpoolQueue(Settings(path ?? SpoolPath, bytesMax, window, memoryMax, ageMax ?? TimeSpan.FromDays(1)), _counters, _logger, _time);
        _opened.Add(queue);
        return queue;
    }
}
