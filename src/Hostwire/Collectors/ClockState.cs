namespace Hostwire.Collectors;

/// <summary>What the kernel knows of how right its clock is.</summary>
internal readonly record struct ClockState
{
    /// <summary>What is left to be corrected, in seconds; positive where the clock is slow.</summary>
    public required double OffsetSeconds { get; init; }

    /// <summary>By how much the clock may be wrong at most, in seconds.</summary>
    public required double MaxErrorSeconds { get; init; }

    /// <summary>By how much it is probably wrong, in seconds.</summary>
    public required double EstimatedErrorSeconds { get; init; }

    /// <summary>Whether something keeps the clock right.</summary>
    public required bool IsSynchronized { get; init; }
}
