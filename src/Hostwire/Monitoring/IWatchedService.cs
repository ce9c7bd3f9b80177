namespace Hostwire.Monitoring;

/// <summary>An agent or a sink, as those see it who watch over it.</summary>
internal interface IWatchedService
{
    /// <summary>Its verb: <c>agent</c>, <c>sink</c>.</summary>
    string Name { get; }

    /// <summary>How it is doing.</summary>
    ServiceState State { get; }

    /// <summary>The certificates it uses.</summary>
    CertificateWatch Certificates { get; }

    /// <summary>Makes instruments of what it counts. Called once, before it runs.</summary>
    void Publish(SelfMeter meter);

    /// <summary>Runs it until it is told to stop.</summary>
    Task<Diagnostics.ExitCode> RunAsync(CancellationToken stopping);
}
