using System.Globalization;
using System.Net;

namespace Hostwire.Configuration;

/// <summary>How agent and sink let themselves be watched: section <c>[metrics]</c>.</summary>
public sealed record MetricsOptions
{
    /// <summary><c>metrics.agent_listen</c>: ADDRESS:PORT on which the agent answers <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. Empty: nowhere.</summary>
    public string AgentListen { get; init; } = "127.0.0.1:9847";

    /// <summary><c>metrics.sink_listen</c>: the same for the sink.</summary>
    public string SinkListen { get; init; } = "127.0.0.1:9848";

    /// <summary><c>metrics.otlp_endpoint</c>: URL to which the same metrics are pushed by OTLP (http/protobuf). Empty: they are not.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary><c>metrics.otlp_interval_seconds</c>: how often, in seconds.</summary>
    public int OtlpIntervalSeconds { get; init; } = 60;

    /// <summary><c>metrics.otlp_headers</c>: headers sent along, NAME=VALUE separated by commas; from environment or file only. Secret.</summary>
    public string OtlpHeaders { get; init; } = "";

    /// <summary>Everything that is wrong with the section.</summary>
    public IEnumerable<SettingProblem> Problems()
    {
        foreach ((string key, string text) in new[] { ("metrics.agent_listen", AgentListen), ("metrics.sink_listen", SinkListen) })
        {
            if (text.Length > 0 && !TryParseAddress(text, out _))
            {
                yield return new(key, $"is {text}, which is no ADDRESS:PORT: give an IP address and a port, such as 127.0.0.1:9847 or [::1]:9847; empty switches it off.");
            }
        }

        if (OtlpEndpoint.Length > 0 && !TryParseEndpoint(OtlpEndpoint, out _))
        {
            yield return new("metrics.otlp_endpoint", $"is {OtlpEndpoint}, which is no URL that begins with http:// or https://, such as http://127.0.0.1:4318.");
        }

        if (OtlpHeaders.Split(',', StringSplitOptions.RemoveEmptyEntries).Any(header => header.IndexOf('=', StringComparison.Ordinal) <= 0))
        {
            yield return new("metrics.otlp_headers", "must be NAME=VALUE, several separated by commas.");
        }
    }

    /// <summary>Reads ADDRESS:PORT; the address is an IP address or <c>localhost</c>, port 0 is any that is free.</summary>
    public static bool TryParseAddress(string text, out IPEndPoint address)
    {
        address = new IPEndPoint(IPAddress.Loopback, 0);
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        string host = text[..colon];
        bool isBracketed = host is ['[', .., ']'];
        IPAddress? parsed = host is "localhost" ? IPAddress.Loopback : null;
        if (parsed is null && !IPAddress.TryParse(isBracketed ? host[1..^1] : host, out parsed))
        {
            return false;
        }

        // An IPv6 address without brackets ends in something that only looks like a port.
        address = new IPEndPoint(parsed, port);
        return isBracketed == host.Contains(':', StringComparison.Ordinal);
    }

    /// <summary>Reads the URL; without a path it gets the usual one, <c>/v1/metrics</c>.</summary>
    public static bool TryParseEndpoint(string text, out Uri endpoint)
    {
        bool isUrl = Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
        endpoint = isUrl ? url!.AbsolutePath is "/" ? new Uri(url, "/v1/metrics") : url : new Uri("http://127.0.0.1:4318/v1/metrics");
        return isUrl;
    }
}
