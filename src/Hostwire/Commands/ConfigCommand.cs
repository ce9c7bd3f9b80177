using System.CommandLine;

namespace Hostwire.Commands;

/// <summary><c>hostwire config</c>: looks at the settings.</summary>
public static class ConfigCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => new("config", "Looks at the settings.")
    {
        ConfigShowCommand.Create(),
        ConfigCheckCommand.Create(),
        ConfigExampleCommand.Create(),
    };
}
