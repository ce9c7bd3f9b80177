using System.CommandLine;
using Hostwire.Configuration;

namespace Hostwire.Commands;

/// <summary>The flag of a setting. It takes the text as typed; the settings check it, so that an error reads the same wherever the value came from.</summary>
internal sealed class SettingOption : Option<string>
{
    /// <summary>Makes the flag.</summary>
    public SettingOption(Setting setting, bool isHidden)
        : base(setting.Flag)
    {
        Setting = setting;
        Description = setting.Description;
        HelpName = setting.Placeholder;
        Hidden = isHidden || setting.IsHidden || setting.IsSecret;
        // A switch may stand alone: --sink-migrate is --sink-migrate true.
        Arity = setting.Kind == SettingKind.Boolean ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne;
    }

    /// <summary>The setting.</summary>
    public Setting Setting { get; }
}
