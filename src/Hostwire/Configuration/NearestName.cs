namespace Hostwire.Configuration;

/// <summary>Finds the name somebody meant who mistyped it.</summary>
public static class NearestName
{
    /// <summary>The known name that takes the fewest edits to reach; null where none is near enough to be what was meant.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string candidate in known)
        {
            int edits = Edits(name, candidate);
            if (edits < fewest)
            {
                (nearest, fewest) = (candidate, edits);
            }
        }

        // A third of the letters wrong is a slip; more is another word, and a wrong guess misleads.
        return fewest <= Math.Max(2, name.Length / 3) && fewest < name.Length ? nearest : null;
    }

    /// <summary>As the end of a sentence: <c> Did you mean NAME?</c>, or nothing.</summary>
    public static string Question(string name, IEnumerable<string> known) => Of(name, known) is string nearest ? $" Did you mean {nearest}?" : "";

    // Insertions, deletions, replacements and swaps of neighbours, each counting one (optimal string alignment).
    private static int Edits(string a, string b)
    {
        int[] before = new int[b.Length + 1], above = new int[b.Length + 1], row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            above[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = above[j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                row[j] = Math.Min(replaced, 1 + Math.Min(above[j], row[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, above, row) = (above, row, before);
        }

        return above[b.Length];
    }
}
