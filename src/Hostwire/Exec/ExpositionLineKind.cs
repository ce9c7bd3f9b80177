namespace Hostwire.Exec;

/// <summary>What a line of Prometheus text is.</summary>
internal enum ExpositionLineKind
{
    /// <summary><c>name{label="value"} 1.5</c>.</summary>
    Sample,

    /// <summary><c># TYPE name counter</c>.</summary>
    Type,

    /// <summary><c># UNIT name seconds</c>.</summary>
    Unit,

    /// <summary>None of those, nor a comment, nor empty.</summary>
    Bad,
}
