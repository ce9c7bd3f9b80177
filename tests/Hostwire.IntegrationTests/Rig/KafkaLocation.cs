namespace Hostwire.IntegrationTests.Rig;

/// <summary>Where the tests find Apache Kafka: <c>KAFKA_HOME</c>, else what <c>scripts/get-kafka.sh</c> has fetched or can fetch.</summary>
internal static class KafkaLocation
{
    // Asked once a run: where a download fails, each of the tests would otherwise wait for it to fail again.
    private static Lazy<Task<(string? Home, string Reason)>> Found { get; } = new(FindAsync);

    /// <summary>The folder of a distribution. Skips the test where none can be had.</summary>
    public static async Task<string> HomeAsync()
    {
        (string? home, string reason) = await Found.Value;
        Assert.SkipWhen(home is null, reason);
        return home!;
    }

    private static async Task<(string? Home, string Reason)> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh"))
                ? (home, "")
                : throw new InvalidOperationException($"KAFKA_HOME is {home}, which holds no bin/kafka-server-start.sh: name the folder of an Apache Kafka distribution.");
        }

        await using ChildProcess script = await ChildProcess.StartAsync("sh", [Repository.PathOf("scripts/get-kafka.sh")]);
        int exitCode = await script.WaitForExitAsync(TimeSpan.FromMinutes(10));
        return exitCode == 0 ? (script.StandardOutput.Trim(), "") : (null, $"Apache Kafka cannot be had: {script.StandardError.Trim()}");
    }
}
