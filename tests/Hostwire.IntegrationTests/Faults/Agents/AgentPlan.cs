namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>How the agents of a round are set up. Each runs commands (<c>[[exec]]</c>) of the runner's own, whose readings are known beforehand.</summary>
internal sealed class AgentPlan
{
    /// <summary>How many agents.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Commands of each; every one runs once a second.</summary>
    public int Commands { get; set; } = 3;

    /// <summary>Points of each reading of a command, under ten metrics.</summary>
    public int Points { get; set; } = 100;

    /// <summary>Whether all have one host name, as machines have that are copies of one another.</summary>
    public bool AreTwins { get; set; }

    /// <summary>Whether twins have even the id of the host in common.</summary>
    public bool HaveOneId { get; set; }

    /// <summary>Lines of <c>[agent]</c>.</summary>
    public string Settings { get; set; } = "";

    /// <summary>Lines of <c>[kafka.properties]</c>.</summary>
    public string Properties { get; set; } = "";

    /// <summary>Whether they log in, as a user whose rights can be taken away, round the proxy; else they come through the proxy as somebody who may do anything.</summary>
    public bool LogIn { get; set; }

    /// <summary>The source of a library to load into them; empty: none.</summary>
    public string Preload { get; set; } = "";

    /// <summary>Options of mount for a small disk of their own that holds the spool; empty: it lies with everything else.</summary>
    public string Disk { get; set; } = "";
}
