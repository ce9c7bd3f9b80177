using System.Text;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Fuzz;

/// <summary>The configuration file: settings, or a refusal that has something to say. Never another exception.</summary>
internal sealed class TomlTarget : FuzzTarget
{
    private static readonly byte[][] Files =
    [
        Encoding.UTF8.GetBytes("""
            [kafka]
            bootstrap_servers = "localhost:9092"
            security = "plaintext"
            properties = { "linger.ms" = 5 }
            [postgres]
            uri = "postgres://u:p@localhost:5432/d?sslmode=disable"
            [agent]
            interval_seconds = 10
            phase_seconds = 2.5
            exclude_interfaces = ["veth*", 'lo']
            collectors.load.enabled = false
            [agent.attributes]
            env = "prod"
            [[exec]]
            name = "queue"
            command = ["/usr/bin/queue", "-n"]
            interval_seconds = 60
            [exec.attributes]
            team = "mail"
            [sink]
            retention_days = 30
            migrate = true
            """),
        [.. "a = 1\n[b.c]\nd = 2026-11-24T00:00:00Z\ne = [1, [2, 3], {f = 'g'}]\nh = \"\"\"\nx\\\n y\"\"\"\n\"i j\".k = 0x1F\n[[l]]\nm = inf\n"u8],
    ];

    private readonly TemporaryFolder _folder = new();

    protected override byte[][] Originals => Files;

    public override void Check(byte[] input)
    {
        string path = Path.Combine(_folder.Path, "hostwire.toml");
        File.WriteAllBytes(path, input);
        try
        {
            LoadedSettings settings = SettingsLoader.Load(new() { ConfigFile = path, DefaultFile = "/nowhere/hostwire.toml" });
            Assert.NotNull(settings.Options);
            settings.Problems(SettingSections.Agent | SettingSections.Sink | SettingSections.Kafka | SettingSections.Postgres).ToList().ForEach(problem => Assert.NotEmpty(problem));
        }
        catch (UserException error)
        {
            Assert.NotEmpty(error.Message);
        }
    }

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }
}
