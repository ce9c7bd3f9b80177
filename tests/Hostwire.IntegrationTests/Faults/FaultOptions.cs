using System.Globalization;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>The command line of the runner.</summary>
internal sealed record FaultOptions
{
    /// <summary>How to call it.</summary>
    public const string Usage = """
        Usage: scripts/faults [--seed N] [--rounds N] [--fault ROW,ROW,...] [--parallel N] [--output FILE] [--resume]
               scripts/faults --table FILE
          --seed N        the first round's seed; each round has the next one (default: drawn, and printed)
          --rounds N      how many rounds (default: 10)
          --fault ROWS    only faults of these rows of docs/reliability.md, e.g. 13,19
          --parallel N    so many rounds side by side, each with its own Kafka and PostgreSQL (default: 1)
          --output FILE   a line of JSON for each round; logs of failed rounds go into FILE.logs (default: artifacts/faults.jsonl)
          --resume        goes on where FILE ends: the same seeds, without those that are in it
          --table FILE    prints the table of docs/reliability.md made from such a file, and nothing else
        Exit code: 0 when every round was ok, 1 when one failed, 2 when none failed but one was void. Ctrl-C ends it; --resume goes on.
        """;

    /// <summary>The first seed; null: drawn.</summary>
    public int? Seed { get; init; }

    /// <summary>How many rounds.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>The rows; all where none is named.</summary>
    public IReadOnlyList<int> Rows { get; init; } = FaultCatalogue.Rows;

    /// <summary>The rows as they were given.</summary>
    public string RowsText { get; init; } = "";

    /// <summary>Rounds at a time.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>Where the lines go.</summary>
    public string Output { get; init; } = "artifacts/faults.jsonl";

    /// <summary>Whether to leave out what is done.</summary>
    public bool Resume { get; init; }

    /// <summary>The file to make a table of; null: play.</summary>
    public string? Table { get; init; }

    /// <summary>Reads the command line; null and a sentence where it is wrong.</summary>
    public static FaultOptions? Parse(IReadOnlyList<string> arguments, out string problem)
    {
        var options = new FaultOptions();
        problem = "";
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--resume")
            {
                options = options with { Resume = true };
                continue;
            }

            string? value = ++i < arguments.Count ? arguments[i] : null;
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            FaultOptions? next = (name, isNumber) switch
            {
                ("--seed", true) => options with { Seed = number },
                ("--rounds", true) when number > 0 => options with { Rounds = number },
                ("--parallel", true) when number > 0 => options with { Parallel = number },
                ("--output", _) when value is not null => options with { Output = value },
                ("--table", _) when value is not null => options with { Table = value },
                ("--fault", _) when value is not null && ParseRows(value) is { } rows => options with { Rows = rows, RowsText = value },
                _ => null,
            };
            if (next is null)
            {
                problem = $"{name} {value}: not understood.\n{Usage}";
                return null;
            }

            options = next;
        }

        return options;
    }

    private static int[]? ParseRows(string text)
    {
        var rows = new List<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int row) || !FaultCatalogue.Rows.Contains(row))
            {
                return null;
            }

            rows.Add(row);
        }

        return [.. rows.Distinct()];
    }
}
