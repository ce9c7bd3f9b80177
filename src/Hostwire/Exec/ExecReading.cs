namespace Hostwire.Exec;

/// <summary>What became of one output.</summary>
/// <param name="Points">Points that were added.</param>
/// <param name="BadLines">Lines that were not understood, or gave a series for the second time.</param>
/// <param name="FirstBad">The first of them, with its number: <c>line 3 has no value</c>; empty where there is none.</param>
/// <param name="SeriesLeftOut">Samples beyond the number of series that are taken.</param>
internal readonly record struct ExecReading(int Points, int BadLines, string FirstBad, int SeriesLeftOut);
