using System.Text;
using Hostwire.Configuration;

namespace Hostwire.Agent;

/// <summary>The user's own attributes of the host, under the names by which they travel.</summary>
/// <remarks>
/// A sink keeps attributes that begin with <c>host.</c>, <c>os.</c> or <c>cloud.</c> with the host; any other attribute of a resource becomes part of the
/// identity of every series, and each value of it would make all series and layouts once more. So <c>env</c> is sent as <c>host.env</c>.
/// </remarks>
internal static class HostAttributes
{
    // What a sink takes; a longer one would send each of our records to its dead letters.
    private const int BytesMax = 1024;
    private const int CountMax = 64;

    private static readonly string[] HostNamespaces = ["host.", "os.", "cloud."];

    // Said elsewhere: by settings of their own, or by the agent itself.
    private static readonly Dictionary<string, string> Taken = new(StringComparer.Ordinal)
    {
        ["host.name"] = "set agent.host_name",
        ["host.id"] = "set agent.host_id",
        ["os.type"] = "the agent sends it itself",
    };

    /// <summary>The attributes as they are sent, sorted by name so that every run sends the same bytes.</summary>
    public static KeyValuePair<string, string>[] Of(AgentOptions options) =>
        [.. options.Attributes.Select(pair => KeyValuePair.Create(NameOf(pair.Key), pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <summary>The name under which an attribute travels: <c>env</c> as <c>host.env</c>, <c>cloud.region</c> as it is.</summary>
    public static string NameOf(string name) => HostNamespaces.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) ? name : "host." + name;

    /// <summary>What is wrong with them.</summary>
    public static IEnumerable<SettingProblem> Problems(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.Count > CountMax)
        {
            yield return new(SettingTable.AgentAttributes.Key, $"has {attributes.Count} attributes; more than {CountMax} are not sent: take some away.");
        }

        foreach ((string name, string value) in attributes)
        {
            string key = $"{SettingTable.AgentAttributes.Key}.{name}";
            if (Taken.TryGetValue(NameOf(name), out string? instead))
            {
                yield return new(key, $"cannot be given here: {instead}.");
            }
            else if (name.Length == 0 || name.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)))
            {
                yield return new(key, "must have a name without blanks, such as env.");
            }
            else if (value.Length == 0)
            {
                yield return new(key, "is empty: give it a value, or take it away.");
            }
            else if (Encoding.UTF8.GetByteCount(value) > BytesMax || Encoding.UTF8.GetByteCount(name) > BytesMax)
            {
                yield return new(key, $"is longer than {BytesMax} bytes.");
            }
            else if (attributes.ContainsKey(NameOf(name)) && NameOf(name) != name)
            {
                yield return new(key, $"is sent as {NameOf(name)}, which is given too: take one away.");
            }
        }
    }
}
