using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Tests.Configuration;

public sealed class SettingsLoaderTests : IDisposable
{
    // Nothing of this may ever show in a message.
    private const string Canary = "AVNS_c4n4ry";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default()
    {
        string file = _folder.Write("h.toml", "[kafka]\ntopic = \"file\"\n[sink]\ngroup = \"file\"\nretention_days = 5\n");
        var sources = new SettingsSources
        {
            ConfigFile = file,
            Environment = Variables(("HOSTWIRE_KAFKA_TOPIC", "variable"), ("HOSTWIRE_SINK_GROUP", "variable")),
            Flags = [(Settings.Find("kafka.topic")!, "flag")],
        };

        LoadedSettings settings = SettingsLoader.Load(sources);

        Assert.Equal(
            [
                "flag flag --kafka-topic", "variable environment HOSTWIRE_SINK_GROUP", $"5 {file}:5", "true default",
            ],
            new[] { "kafka.topic", "sink.group", "sink.retention_days", "sink.migrate" }
                .Select(key => settings.Value(Settings.Find(key)!)).Select(value => $"{value.Text} {value.Source}"),
            StringComparer.Ordinal);
        Assert.Equal(("flag", "variable", 5, true), (settings.Options.Kafka.Topic, settings.Options.Sink.Group, settings.Options.Sink.RetentionDays, settings.Options.Sink.Migrate));
    }

    [Fact]
    public void The_file_is_the_one_named_by_flag_else_by_environment_else_the_usual_one_else_none()
    {
        string flag = _folder.Write("flag.toml", "sink.group = \"flag\"");
        string variable = _folder.Write("variable.toml", "sink.group = \"variable\"");
        string usual = _folder.Write("usual.toml", "sink.group = \"usual\"");
        IReadOnlyDictionary<string, string> environment = Variables(("HOSTWIRE_CONFIG", variable));

        Assert.Equal("flag", Group(new() { ConfigFile = flag, Environment = environment, DefaultFile = usual }));
        Assert.Equal("variable", Group(new() { Environment = environment, DefaultFile = usual }));
        Assert.Equal("usual", Group(new() { DefaultFile = usual }));
        Assert.Equal("hostwire", Group(new() { DefaultFile = "/nowhere/hostwire.toml" }));
    }

    [Theory]
    [InlineData("[kafka]\ntopic = \"t\"", "kafka.topic=t")]
    [InlineData("kafka.topic = \"t\"", "kafka.topic=t")]
    [InlineData("kafka = { topic = \"t\", tls_verify = false }", "kafka.tls_verify=false kafka.topic=t")]
    [InlineData("[agent.collectors.load]\nenabled = false\ninterval_seconds = 30", "agent.collectors.load.enabled=false agent.collectors.load.interval_seconds=30")]
    [InlineData("[agent]\nphase_seconds = 2\ncollectors.load.enabled = false", "agent.collectors.load.enabled=false agent.phase_seconds=2")]
    [InlineData("[agent]\nphase_seconds = 2.5", "agent.phase_seconds=2.5")]
    [InlineData("[agent]\nexclude_interfaces = []", "agent.exclude_interfaces=")]
    [InlineData("[agent]\nexclude_interfaces = [\n  \"veth*\", # pods\n  'lo',\n]", "agent.exclude_interfaces=veth*,lo")]
    [InlineData("[agent]\nexclude_mounts = [\"/a,b\"]", "agent.exclude_mounts=/a\\,b")]
    [InlineData("[kafka.properties]\nlinger.ms = 5\n\"batch.size\" = \"10\"\nssl.x.y = true", "kafka.properties.batch.size=10 kafka.properties.linger.ms=5 kafka.properties.ssl.x.y=true")]
    [InlineData("[kafka]\nproperties = { \"linger.ms\" = 0.5 }", "kafka.properties.linger.ms=0.5")]
    [InlineData("[kafka]\nusername = 'C:\\\\x' # comment\n", "kafka.username=C:\\\\x")]
    public void Toml_is_read_in_all_its_forms(string content, string expected)
    {
        LoadedSettings settings = Load(content);

        Assert.Equal(expected, string.Join(' ', settings.Values.Values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key}={value.Text}")));
    }

    [Theory]
    [InlineData("\n[kafka]\ntpoic = \"t\"", "3: kafka.tpoic is not a setting. Did you mean kafka.topic?")]
    [InlineData("[kafka]\nzzzzzzzzzzzzzzzzzzzz = 1", "2: kafka.zzzzzzzzzzzzzzzzzzzz is not a setting.")]
    [InlineData("[postgress]\nuri = \"x\"\npassword = \"x\"", "1: [postgress] is not a section. Did you mean [postgres]?")]
    [InlineData("[agent.collectors.laod]\nenabled = true", "1: [agent.collectors.laod] is not a section. Did you mean [agent.collectors.load]?")]
    [InlineData("[[kafka]]\ntopic = \"t\"", "1: [[kafka]] must be written [kafka]: no section comes twice.")]
    [InlineData("kafka = 5", "1: kafka is a section: write [kafka], and its keys in the lines below.")]
    [InlineData("[kafka]\ntopic = 5", "2: kafka.topic must be text, in quotes.")]
    [InlineData("[kafka]\ntopic = [\"a\"]", "2: kafka.topic must be text, in quotes.")]
    [InlineData("[agent]\nexclude_disks = \"loop*\"", "2: agent.exclude_disks must be a list such as [\"a\", \"b\"].")]
    [InlineData("[agent]\nexclude_disks = [\"loop*\",\n  5]", "3: agent.exclude_disks must be a list such as [\"a\", \"b\"], each in quotes.")]
    [InlineData("[agent]\nexclude_disks = [\"loop*\",\n  \"\"]", "3: agent.exclude_disks has an empty pattern: take it away, or write * for every name.")]
    [InlineData("[kafka]\ntls_verify = \"false\"", "2: kafka.tls_verify must be true or false, without quotes.")]
    [InlineData("[sink]\nretention_days = \"30\"", "2: sink.retention_days must be a whole number from 1 to 36500, without quotes.")]
    [InlineData("[sink]\nretention_days = 30.5", "2: sink.retention_days must be a whole number from 1 to 36500.")]
    [InlineData("[sink]\nretention_days = 0", "2: sink.retention_days must be a whole number from 1 to 36500, not \"0\".")]
    [InlineData("[sink]\nretention_days = 2026-08-01", "2: sink.retention_days must be a whole number from 1 to 36500.")]
    [InlineData("[kafka]\ntopic = \"a\"\ntopic = \"b\"", "3: kafka.topic is set already in line 2: take one away.")]
    [InlineData("kafka.topic = \"a\"\n[kafka]\ntopic = \"b\"", "3: kafka.topic is set already in line 1: take one away.")]
    [InlineData("[kafka]\n\\", "2: cannot be read as TOML: a line is KEY = VALUE, with text in quotes, or [SECTION].")]
    [InlineData("[kafka]\ntopic", "2: cannot be read as TOML: a line is KEY = VALUE, with text in quotes, or [SECTION].")]
    [InlineData("[kafka]\npassword = " + Canary, "2: cannot be read as TOML: a line is KEY = VALUE, with text in quotes, or [SECTION].")]
    [InlineData("[kafka]\npassword = \"" + Canary, "2: cannot be read as TOML: a line is KEY = VALUE, with text in quotes, or [SECTION].")]
    [InlineData("[kafka]\npassword = \"a\"\npassword = \"" + Canary + "\"", "3: kafka.password is set already in line 2: take one away.")]
    [InlineData("[kafka.properties]\n\"linger.ms\" = [1]", "2: kafka.properties.linger.ms must be text in quotes, a number, true or false.")]
    public void What_the_file_has_wrong_is_said_with_its_line(string content, string expected)
    {
        var error = Assert.Throws<UserException>(() => Load(content));

        Assert.Equal($"{_folder.Path}/h.toml:{expected}", error.Message);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }

    [Theory]
    [InlineData("HOSTWIRE_KAFKA_TOPC", "x", "The environment variable HOSTWIRE_KAFKA_TOPC is not a setting. Did you mean HOSTWIRE_KAFKA_TOPIC?")]
    [InlineData("HOSTWIRE_CONFG", "x", "The environment variable HOSTWIRE_CONFG is not a setting. Did you mean HOSTWIRE_CONFIG?")]
    [InlineData("HOSTWIRE_SINK_RETENTION_DAYS", "many", "environment HOSTWIRE_SINK_RETENTION_DAYS: sink.retention_days must be a whole number from 1 to 36500, not \"many\".")]
    [InlineData("HOSTWIRE_AGENT_EXCLUDE_DISKS", "loop*,sd[a]", "environment HOSTWIRE_AGENT_EXCLUDE_DISKS: agent.exclude_disks has the pattern \"sd[a]\": only * and ? stand for others. Write a pattern for each alternative, or a backslash before [ where the name has one.")]
    [InlineData("HOSTWIRE_KAFKA_PROPERTIES", "linger.ms", "environment HOSTWIRE_KAFKA_PROPERTIES: kafka.properties must be NAME=VALUE, several separated by semicolons.")]
    public void What_the_environment_has_wrong_is_said_with_the_variable(string name, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<UserException>(() => SettingsLoader.Load(Only(Variables((name, value))))).Message);

    [Theory]
    [InlineData("HOSTWIRE_KAFKA_TOPIC", "")]
    [InlineData("HOSTWIRE_TEST_KAFKA", "x")]
    [InlineData("HOSTWIRE_DATA", "x")]
    [InlineData("HOSTWIRE_SERVICE_HOST", "10.0.0.1")]
    [InlineData("HOSTWIRE_SINK_SERVICE_PORT_METRICS", "9090")]
    [InlineData("HOSTWIRE_SINK_PORT", "tcp://10.0.0.1:9090")]
    [InlineData("HOSTWIRE_SINK_PORT_9090_TCP_ADDR", "10.0.0.1")]
    [InlineData("PATH", "/bin")]
    public void Variables_that_are_empty_or_not_ours_are_left_alone(string name, string value) =>
        Assert.Empty(SettingsLoader.Load(Only(Variables((name, value)))).Values);

    [Fact]
    public void Attributes_of_the_host_come_from_file_environment_and_flags()
    {
        string file = _folder.Write("h.toml", "[agent.attributes]\nenv = \"test\"\nrole = \"db\"\nrack = 12\ncloud.region = \"eu-west-1\"");

        LoadedSettings settings = SettingsLoader.Load(new()
        {
            ConfigFile = file,
            Environment = Variables(("HOSTWIRE_AGENT_ATTRIBUTES", "env=stage; role = cache, old")),
            TableFlags = [(SettingTable.AgentAttributes, "env=prod=1")],
        });

        Assert.Equal(
            ["cloud.region=eu-west-1", "env=prod=1", "rack=12", "role=cache, old"],
            settings.Options.Agent.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal("environment HOSTWIRE_AGENT_ATTRIBUTES", settings.Values["agent.attributes.role"].Source.ToString());
        Assert.Empty(settings.Problems(SettingSections.Agent));
    }

    [Theory]
    [InlineData("env = [1]", "agent.attributes.env must be text in quotes, a number, true or false.")]
    public void An_attribute_of_another_kind_is_refused_with_its_line(string line, string expected) =>
        Assert.Equal($"{_folder.Path}/h.toml:2: {expected}", Assert.Throws<UserException>(() => Load("[agent.attributes]\n" + line)).Message);

    [Theory]
    [InlineData("name = \"x\"", "agent.attributes.name cannot be given here: set agent.host_name.")]
    [InlineData("host.id = \"x\"", "agent.attributes.host.id cannot be given here: set agent.host_id.")]
    [InlineData("os.type = \"x\"", "agent.attributes.os.type cannot be given here: the agent sends it itself.")]
    [InlineData("env = \"\"", "agent.attributes.env is empty: give it a value, or take it away.")]
    [InlineData("\"my env\" = \"x\"", "agent.attributes.my env must have a name without blanks, such as env.")]
    [InlineData("env = \"x\"\nhost.env = \"y\"", "agent.attributes.env is sent as host.env, which is given too: take one away.")]
    public void An_attribute_that_cannot_be_sent_is_refused_with_its_line(string line, string expected) =>
        Assert.Equal([$"{_folder.Path}/h.toml:2: {expected}"], Load("[agent.attributes]\n" + line).Problems(SettingSections.Agent), StringComparer.Ordinal);

    [Fact]
    public void A_value_longer_than_a_sink_takes_is_refused() =>
        Assert.EndsWith("agent.attributes.env is longer than 1024 bytes.", Load($"[agent.attributes]\nenv = \"{new string('x', 1025)}\"").Problems(SettingSections.Agent).Single(), StringComparison.Ordinal);

    [Theory]
    [InlineData("include_interfaces = [\"eth0\", \"veth1*\"]", "2: agent.include_interfaces has the pattern \"veth1*\", and agent.exclude_interfaces has \"veth*\", which wins: set agent.exclude_interfaces without it.")]
    [InlineData("include_filesystems = [\"squashfs\"]", "2: agent.include_filesystems has the pattern \"squashfs\", and agent.exclude_filesystems has \"squashfs\", which wins: set agent.exclude_filesystems without it.")]
    public void A_pattern_that_could_never_have_an_effect_is_refused(string line, string expected)
    {
        Assert.Equal([$"{_folder.Path}/h.toml:{expected}"], Load("[agent]\n" + line).Problems(SettingSections.Agent), StringComparer.Ordinal);
        Assert.Empty(Load("[agent]\ninclude_interfaces = [\"veth*\"]\nexclude_interfaces = []").Problems(SettingSections.Agent));
    }

    [Fact]
    public void Properties_come_from_file_environment_and_flags_too()
    {
        string file = _folder.Write("h.toml", "[kafka.properties]\nlinger.ms = 1\nbatch.size = 1\ndebug = \"x\"");

        LoadedSettings settings = SettingsLoader.Load(new()
        {
            ConfigFile = file,
            Environment = Variables(("HOSTWIRE_KAFKA_PROPERTIES", "linger.ms=2; batch.size = 2\nclient.rack=a=b")),
            TableFlags = [(SettingTable.KafkaProperties, "linger.ms=3")],
        });

        Assert.Equal(
            ["batch.size=2", "client.rack=a=b", "debug=x", "linger.ms=3"],
            settings.Options.Kafka.Properties.Select(property => $"{property.Key}={property.Value}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(SettingSourceKind.Flag, settings.Values["kafka.properties.linger.ms"].Source.Kind);
    }

    [Fact]
    public void All_errors_are_told_at_once_wherever_they_are()
    {
        string file = _folder.Write("h.toml", "[kafka]\nca_file = \"none.pem\"\ntpoic = \"x\"\n[kafka.properties]\nlinger.mss = 5");

        var error = Assert.Throws<UserException>(() => SettingsLoader.Load(new()
        {
            ConfigFile = file,
            Environment = Variables(("HOSTWIRE_LOG_LEVEL", "loud")),
            Flags = [(Settings.Find("sink.retention_days")!, "-3")],
        }));

        Assert.Equal(
            [
                $"{file}:3: kafka.tpoic is not a setting. Did you mean kafka.topic?",
                "environment HOSTWIRE_LOG_LEVEL: log.level must be debug, info, warning or error, not \"loud\".",
                "flag --sink-retention-days: sink.retention_days must be a whole number from 1 to 36500, not \"-3\".",
                $"{file}:2: kafka.ca_file names {_folder.Path}/none.pem, which does not exist: correct the path, or put the file there.",
                $"{file}:5: kafka.properties.linger.mss is not a property of librdkafka. Did you mean linger.ms?",
            ],
            error.Message.Split('\n'), StringComparer.Ordinal);
    }

    [Fact]
    public void A_relative_path_counts_from_the_file_it_stands_in_and_a_tilde_is_the_home_folder()
    {
        HostwireOptions options = Load("[kafka]\nca_file = \"certs/ca.pem\"\n[postgres]\nca_file = \"~/ca.pem\"").Options;

        Assert.Equal($"{_folder.Path}/certs/ca.pem", options.Kafka.CaFile);
        Assert.Equal(FilePath.Expand("~/ca.pem"), options.Postgres.CaFile);
    }

    [Theory]
    [InlineData("kafka.password", Canary)]
    [InlineData("postgres.password", Canary)]
    [InlineData("postgres.uri", "postgres://u:" + Canary + "@h/d")]
    [InlineData("postgres.uri", "postgres://h/d?user=u&password=" + Canary)]
    [InlineData("postgres.uri", "postgres://u:x" + Canary + "%@h/d")]
    [InlineData("postgres.uri", "postgres://u:x@" + Canary + "@h/d")]
    public void A_password_on_the_command_line_is_refused_without_repeating_it(string key, string text)
    {
        Setting setting = Settings.Find(key)!;

        var error = Assert.Throws<UserException>(() => SettingsLoader.Load(Only(Variables()) with { Flags = [(setting, text)] }));

        Assert.Contains(setting.Flag, error.Message, StringComparison.Ordinal);
        Assert.Contains(setting.Variable, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_property_on_the_command_line_is_refused_without_repeating_it()
    {
        var error = Assert.Throws<UserException>(() => SettingsLoader.Load(Only(Variables()) with { TableFlags = [(SettingTable.KafkaProperties, $"ssl.key.password={Canary}")] }));

        Assert.Contains("ssl.key.password is secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://u@h:5432/d")]
    [InlineData("postgres:///d?host=/run/postgresql")]
    public void A_URI_without_a_password_may_be_a_flag(string uri) =>
        Assert.Equal(uri, SettingsLoader.Load(Only(Variables()) with { Flags = [(Settings.Find("postgres.uri")!, uri)] }).Options.Postgres.Uri);

    [Fact]
    public void A_password_can_come_from_a_file_of_its_own()
    {
        _folder.Write("kafka.pw", Canary + "\n");
        _folder.Write("postgres.pw", "two words");

        HostwireOptions options = Load("[kafka]\npassword_file = \"kafka.pw\"\n[postgres]\npassword_file = \"postgres.pw\"").Options;

        Assert.Equal((Canary, "two words"), (options.Kafka.Password, options.Postgres.Password));
    }

    [Theory]
    [InlineData(null, "cannot read")]
    [InlineData("", "does not hold a password on one line")]
    [InlineData(Canary + "\n" + Canary, "does not hold a password on one line")]
    public void A_password_file_that_holds_none_is_refused(string? content, string expected)
    {
        if (content is not null)
        {
            _folder.Write("pw", content);
        }

        var error = Assert.Throws<UserException>(() => Load("[kafka]\npassword_file = \"pw\""));

        Assert.StartsWith($"{_folder.Path}/h.toml:2: kafka.password_file names {_folder.Path}/pw, which", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_passwords_for_one_login_are_refused()
    {
        _folder.Write("pw", "x");

        var error = Assert.Throws<UserException>(() => Load($"[kafka]\npassword = \"{Canary}\"\npassword_file = \"pw\""));

        Assert.Equal($"{_folder.Path}/h.toml:3: kafka.password_file is set, and kafka.password too ({_folder.Path}/h.toml:2): take one away.", error.Message);
    }

    [Theory]
    [InlineData("[kafka]\npassword = \"x\"", true)]
    [InlineData("[postgres]\nuri = \"postgres://u:x@h/d\"", true)]
    [InlineData("[kafka.properties]\n\"ssl.key.password\" = \"x\"", true)]
    [InlineData("[postgres]\nuri = \"postgres://u@h/d\"", false)]
    [InlineData("[kafka]\ntopic = \"x\"", false)]
    public void A_file_with_a_password_that_everybody_can_read_brings_a_warning(string content, bool expected)
    {
        string file = _folder.Write("h.toml", content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal(expected ? [$"{file} holds a password, and every user of this machine can read it: run chmod o-rwx {file}"] : [], SettingsLoader.Load(new() { ConfigFile = file }).Warnings);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Empty(SettingsLoader.Load(new() { ConfigFile = file }).Warnings);
    }

    [Fact]
    public void Password_files_and_keys_that_everybody_can_read_bring_a_warning_with_the_command_that_mends_it()
    {
        string password = _folder.Write("password", "secret");
        string key = _folder.Write("service.key", TemporaryFolder.PrivateKey);
        string databaseKey = _folder.Write("postgres.key", TemporaryFolder.PrivateKey);
        string file = _folder.Write("keys.toml", $"""
            kafka.password_file = "{password}"
            kafka.key_file = "{key}"
            postgres.uri = "postgres://h/db?sslkey={databaseKey}"
            """);
        Array.ForEach([password, key, databaseKey], path => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead));
        Assert.Equal(
            [
                $"{password} holds a password, and every user of this machine can read it: run chmod o-rwx {password}",
                $"{key} holds a private key, and every user of this machine can read it: run chmod o-rwx {key}",
                $"{databaseKey} holds a private key, and every user of this machine can read it: run chmod o-rwx {databaseKey}",
            ],
            SettingsLoader.Load(new() { ConfigFile = file }).Warnings);
        Array.ForEach([password, key, databaseKey], path => File.SetUnixFileMode(path, UnixFileMode.UserRead));
        Assert.Empty(SettingsLoader.Load(new() { ConfigFile = file }).Warnings);
    }

    [Fact]
    public void The_address_of_a_running_up_counts_section_by_section_where_nothing_else_is_said()
    {
        string running = _folder.Write("up.toml", "[kafka]\nbootstrap_servers = \"127.0.0.1:9\"\nsecurity = \"plaintext\"\n[postgres]\nuri = \"postgres://u:x@127.0.0.1/d?sslmode=disable\"");

        KafkaOptions both = SettingsLoader.Load(Only(Variables()) with { RunningFile = running }).Options.Kafka;
        HostwireOptions own = SettingsLoader.Load(Only(Variables(("HOSTWIRE_KAFKA_TOPIC", "t"))) with { RunningFile = running }).Options;

        Assert.Equal(("127.0.0.1:9", "plaintext"), (both.BootstrapServers, both.Security));
        Assert.Equal(("", "", "t", "postgres://u:x@127.0.0.1/d?sslmode=disable"), (own.Kafka.BootstrapServers, own.Kafka.Security, own.Kafka.Topic, own.Postgres.Uri));
    }

    [Fact]
    public void An_up_that_ended_in_this_moment_is_none() =>
        Assert.Empty(SettingsLoader.Load(Only(Variables()) with { RunningFile = $"{_folder.Path}/gone.toml" }).Values);

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_told_apart()
    {
        Assert.Contains("none.toml does not exist", Assert.Throws<UserException>(() => SettingsLoader.Load(new() { ConfigFile = $"{_folder.Path}/none.toml" })).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<UserException>(() => SettingsLoader.Load(new() { ConfigFile = _folder.Path })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_verb_requires_is_named_by_key_variable_and_flag()
    {
        LoadedSettings settings = SettingsLoader.Load(Only(Variables()));

        Assert.Equal(
            [
                "kafka.bootstrap_servers is not set: put HOST:PORT of your Kafka into /etc/hostwire/hostwire.toml, HOSTWIRE_KAFKA_BOOTSTRAP_SERVERS or --kafka-bootstrap-servers.",
                "postgres.uri is not set: put the service URI of your PostgreSQL into /etc/hostwire/hostwire.toml, HOSTWIRE_POSTGRES_URI or --postgres-uri.",
            ],
            settings.Problems(SettingSections.All), StringComparer.Ordinal);
        Assert.Empty(settings.Problems(SettingSections.Agent | SettingSections.Log));
    }

    private string Group(SettingsSources sources) => SettingsLoader.Load(sources).Options.Sink.Group;

    private LoadedSettings Load(string content) => SettingsLoader.Load(new() { ConfigFile = _folder.Write("h.toml", content) });

    private static SettingsSources Only(IReadOnlyDictionary<string, string> environment) => new() { Environment = environment, DefaultFile = "/nowhere/hostwire.toml" };

    private static Dictionary<string, string> Variables(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
}
