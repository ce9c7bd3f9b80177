namespace Hostwire.IntegrationTests.Rig;

/// <summary>Signals that tests send, with Linux's numbers.</summary>
public enum UnixSignal
{
    /// <summary>Read the settings again: <c>systemctl reload</c>.</summary>
    HangUp = 1,

    /// <summary>Ctrl-C.</summary>
    Interrupt = 2,

    /// <summary>PostgreSQL: ends at once, with all its children, without a checkpoint.</summary>
    Quit = 3,

    /// <summary>Dies at once, without a last word.</summary>
    Kill = 9,

    /// <summary>Asked to end: systemd, <c>docker stop</c>.</summary>
    Terminate = 15,

    /// <summary>Goes on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Stands still, with its connections open: a frozen virtual machine.</summary>
    Stop = 19,
}
