namespace Hostwire.Monitoring;

/// <summary>Takes the values of one metric, one for each set of attributes.</summary>
internal interface ISelfReadings
{
    /// <summary>Adds a value; the attributes stand in the order of the metric's keys, as many as it has.</summary>
    void Add(double value, string? first = null, string? second = null);
}
