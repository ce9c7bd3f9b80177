namespace Hostwire.Configuration;

/// <summary>The sections of the settings: a verb says which it uses and gets their flags.</summary>
[Flags]
public enum SettingSections
{
    /// <summary>None but <see cref="Log"/>, which every verb has.</summary>
    None = 0,

    /// <summary><c>[kafka]</c>.</summary>
    Kafka = 1,

    /// <summary><c>[postgres]</c>.</summary>
    Postgres = 2,

    /// <summary><c>[agent]</c>.</summary>
    Agent = 4,

    /// <summary><c>[sink]</c>.</summary>
    Sink = 8,

    /// <summary><c>[log]</c>.</summary>
    Log = 16,

    /// <summary><c>[metrics]</c>.</summary>
    Metrics = 32,

    /// <summary>All of them.</summary>
    All = Kafka | Postgres | Agent | Sink | Log | Metrics,
}
