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

    /// <summary>Goes on with other settings, and with what their files hold now; ends once that is done, or has been found to have to wait for a dependency.</summary>
    /// <exception cref="Diagnostics.UserException">They cannot be used: nothing has changed.</exception>
    Task ReloadAsync(Configuration.HostwireOptions options);

    /// <summary>Runs it until it is told to stop.</summary>
    Task<Diagnostics.ExitCode> RunAsync(CancellationToken stopping);
}
