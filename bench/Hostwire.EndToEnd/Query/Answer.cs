using Npgsql;

namespace Hostwire.EndToEnd.Query;

/// <summary>The rows of an answer: what each is about, and its value.</summary>
internal sealed class Answer
{
    // The same sums, added up in another order.
    private const double RelativeTolerance = 1e-9;

    private readonly List<(string Key, double Value)> _rows = [];

    /// <summary>How many rows.</summary>
    public int Rows => _rows.Count;

    /// <summary>Asks, and takes everything in.</summary>
    public static async Task<Answer> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var answer = new Answer();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        int last = reader.FieldCount - 1;
        while (await reader.ReadAsync(cancellationToken))
        {
            answer._rows.Add((string.Join('|', Enumerable.Range(0, last).Select(reader.GetString)), reader.GetDouble(last)));
        }

        answer._rows.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        return answer;
    }

    /// <summary>Asks, reads every row as a program would, and says how long that took, and how long the server's process for this connection worked, both in milliseconds.</summary>
    public static async Task<(double Elapsed, double Cpu)> TimeAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        double cpuBefore = ProcessFigures.CpuSeconds(connection.ProcessID);
        long start = TimeProvider.System.GetTimestamp();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        double sum = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            sum += reader.GetDouble(reader.FieldCount - 1);
        }

        double elapsed = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        double cpu = (ProcessFigures.CpuSeconds(connection.ProcessID) - cpuBefore) * 1000;
        return double.IsNaN(sum) ? throw new BenchFailedException("an answer holds a value that is no number") : (elapsed, cpu);
    }

    /// <summary>The first difference to another answer, for people; null: there is none.</summary>
    public string? DifferenceTo(Answer other)
    {
        if (Rows != other.Rows)
        {
            return $"{Rows} rows and {other.Rows}";
        }

        for (int row = 0; row < Rows; row++)
        {
            ((string key, double value), (string otherKey, double otherValue)) = (_rows[row], other._rows[row]);
            if (!string.Equals(key, otherKey, StringComparison.Ordinal) || Math.Abs(value - otherValue) > RelativeTolerance * Math.Max(Math.Abs(value), Math.Abs(otherValue)))
            {
                return $"{key}|{value:r} and {otherKey}|{otherValue:r}";
            }
        }

        return null;
    }
}
