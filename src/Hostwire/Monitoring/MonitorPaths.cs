using System.Text;

namespace Hostwire.Monitoring;

/// <summary>What <see cref="MonitorServer"/> answers.</summary>
internal sealed class MonitorPaths(ServiceState state, PrometheusPage page)
{
    private const string Unavailable = "503 Service Unavailable";

    /// <summary>The answer for a path; null where there is none.</summary>
    public HttpAnswer? Answer(string path) => path switch
    {
        "/healthz" => Say(state.Stuck()),
        "/readyz" => Say([.. state.Stuck(), .. state.Troubles()]),
        "/metrics" => new("200 OK", PrometheusPage.ContentType, Encoding.UTF8.GetBytes(page.Text())),
        _ => null,
    };

    private static HttpAnswer Say(string[] faults) => faults.Length == 0 ? HttpAnswer.Text("200 OK", "ok") : HttpAnswer.Text(Unavailable, faults);
}
