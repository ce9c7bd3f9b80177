using System.Globalization;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>One fault, drawn at random: brings itself about in a round that runs, sees that it took effect, and ends.</summary>
/// <param name="row">The row of the matrix it belongs to.</param>
/// <param name="name">What it does, in a few words.</param>
internal abstract class Fault(int row, string name)
{
    private readonly SortedDictionary<string, string> _parameters = new(StringComparer.Ordinal);

    /// <summary>The row of the matrix.</summary>
    public int Row { get; } = row;

    /// <summary>What it does.</summary>
    public string Name { get; } = name;

    /// <summary>How, as it was drawn.</summary>
    public IReadOnlyDictionary<string, string> Parameters => _parameters;

    /// <summary>How many sinks it needs at least.</summary>
    public virtual int SinksMin => 1;

    /// <summary>How many partitions it needs at least.</summary>
    public virtual int PartitionsMin => 1;

    /// <summary>Whether it is the agents' side that is put to the test, or the sinks'.</summary>
    public virtual bool IsOnAgents => false;

    /// <summary>Whether all that is on the topic stays readable.</summary>
    public virtual bool LeavesRecords => true;

    /// <summary>Shapes the round before anything is started.</summary>
    public virtual void Prepare(RoundPlan plan)
    {
    }

    /// <summary>Brings it about and ends it again. Records come in all the time.</summary>
    public abstract Task RunAsync(Round round, CancellationToken cancellationToken);

    /// <summary>Notes how it was drawn.</summary>
    protected T Draw<T>(string parameter, T value)
        where T : notnull
    {
        _parameters[parameter] = string.Create(CultureInfo.InvariantCulture, $"{value}");
        return value;
    }
}
