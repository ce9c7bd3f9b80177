namespace Hostwire.Store;

/// <summary>What bringing the schema up to date has done.</summary>
/// <param name="From">The version it was found at; 0 where there was none.</param>
/// <param name="To">The version it is at now: the newest this program knows.</param>
/// <param name="Applied">The migrations this call has applied; others may have applied some beside it.</param>
public sealed record MigrationReport(int From, int To, IReadOnlyList<Migration> Applied);
