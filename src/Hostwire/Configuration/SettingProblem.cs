namespace Hostwire.Configuration;

/// <summary>What is wrong with one setting.</summary>
/// <param name="Key">The setting's key, e.g. <c>kafka.ca_file</c>.</param>
/// <param name="Message">Whole sentences that go on after the key: what is wrong and how to mend it. Never holds a secret.</param>
public readonly record struct SettingProblem(string Key, string Message)
{
    /// <summary>As one line for people.</summary>
    public override string ToString() => $"{Key} {Message}";
}
