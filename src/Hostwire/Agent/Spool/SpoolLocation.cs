namespace Hostwire.Agent.Spool;

/// <summary>Where the spool lies unless <c>agent.spool_file</c> says.</summary>
internal static class SpoolLocation
{
    private const string FileName = "spool.db";

    /// <summary>In the folder that systemd made for the service (<c>STATE_DIRECTORY</c>); else, for root, <c>/var/lib/hostwire</c>; else <c>$XDG_STATE_HOME/hostwire</c> or <c>~/.local/state/hostwire</c>.</summary>
    public static string Default(IReadOnlyDictionary<string, string> environment, bool isRoot)
    {
        // systemd separates several folders by colons.
        if (environment.GetValueOrDefault("STATE_DIRECTORY", "").Split(':')[0] is { Length: > 0 } made)
        {
            return Path.Combine(made, FileName);
        }

        if (isRoot)
        {
            return Path.Combine("/var/lib/hostwire", FileName);
        }

        string state = environment.GetValueOrDefault("XDG_STATE_HOME", "") is { Length: > 0 } folder && Path.IsPathRooted(folder)
            ? folder
            : Path.Combine(environment.GetValueOrDefault("HOME", "/"), ".local/state");
        return Path.Combine(state, "hostwire", FileName);
    }
}
