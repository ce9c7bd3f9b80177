using Hostwire.Agent.Spool;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Otlp;
using Microsoft.Data.Sqlite;

namespace Hostwire.IntegrationTests.Agent;

/// <summary>What a spool's file holds, read from a copy, since the agent has the file itself locked.</summary>
internal static class SpoolRows
{
    /// <summary>The time of each record in it, in order; none where there is no file yet.</summary>
    public static ulong[] Times(string path)
    {
        using var folder = new TestDirectory("spool-copy");
        if (!File.Exists(path))
        {
            return [];
        }

        foreach (string part in ((string[])["", "-wal"]).Where(part => File.Exists(path + part)))
        {
            File.Copy(path + part, folder["copy" + part]);
        }

        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={folder["copy"]};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"{SpoolFile.SelectRecords} ORDER BY id";
        try
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var times = new List<ulong>();
            while (reader.Read())
            {
                times.Add(TimeOf(SpoolFile.TryRead(reader)!.Value));
            }

            return [.. times];
        }
        catch (SqliteException error) when (error.Message.Contains("no such table", StringComparison.Ordinal))
        {
            return [];
        }
    }

    private static ulong TimeOf(byte[] record)
    {
        var decoded = new DecodedRecord();
        Assert.True(OtlpDecoder.TryDecode(record, decoded).IsOk);
        return decoded.Points[0].TimeUnixNano;
    }
}
