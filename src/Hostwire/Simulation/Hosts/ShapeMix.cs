using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Simulation.Hosts;

/// <summary>How many hosts of a fleet are of each shape, as weights.</summary>
internal sealed class ShapeMix
{
    private readonly (HostShape Shape, int Weight)[] _parts;

    private ShapeMix((HostShape Shape, int Weight)[] parts) => _parts = parts;

    /// <summary>Every shape, by its usual weight.</summary>
    public static ShapeMix Usual { get; } = new([.. HostShapes.All.Select(shape => (shape, shape.Weight))]);

    /// <summary>Reads <c>vm=6,server=1</c>, or a name alone: all hosts are of that shape.</summary>
    /// <exception cref="UserException">It is none.</exception>
    public static ShapeMix Parse(string option, string text)
    {
        var parts = new List<(HostShape, int)>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] words = part.Split('=', 2, StringSplitOptions.TrimEntries);
            HostShape shape = Array.Find(HostShapes.All, shape => string.Equals(shape.Name, words[0], StringComparison.Ordinal))
                ?? throw new UserException(
                    $"{option}: there is no shape {words[0]}.{NearestName.Question(words[0], HostShapes.All.Select(shape => shape.Name))} There are {string.Join(", ", HostShapes.All.Select(shape => shape.Name))}.",
                    ExitCode.Usage);
            int weight = 1;
            if ((words.Length == 2 && !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out weight)) || weight is < 1 or > 10_000)
            {
                throw new UserException($"{option}: the weight of {words[0]} must be a whole number from 1 to 10000, as in vm=6,server=1.", ExitCode.Usage);
            }

            parts.Add((shape, weight));
        }

        return new ShapeMix([.. parts]);
    }

    /// <summary>The shapes of the first <paramref name="count"/> hosts. Every stretch of them is mixed as well as can be, so that small fleets have every shape too.</summary>
    public IEnumerable<HostShape> Take(int count)
    {
        long total = _parts.Sum(part => (long)part.Weight);
        long[] taken = new long[_parts.Length];
        for (long number = 1; number <= count; number++)
        {
            // The one that lags behind its share most; of equals the first.
            int next = 0;
            for (int part = 1; part < _parts.Length; part++)
            {
                next = Lag(part, number) > Lag(next, number) ? part : next;
            }

            taken[next]++;
            yield return _parts[next].Shape;
        }

        long Lag(int part, long number) => (_parts[part].Weight * number) - (taken[part] * total);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(',', _parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Shape.Name}={part.Weight}")));
}
