using System.Text;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>What is on the topic and is not a metric stops nothing.</summary>
public sealed class RefusedRecordTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("refused");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    // Text; bytes of no wire type; a field that claims to be a gigabyte long; a length beyond 64 bits; a record cut short within a metric's name.
    [InlineData("6E6F742061206D6574726963")]
    [InlineData("FFFEFDFC00010203")]
    [InlineData("0A808080800400")]
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0A0A12081206120A73")]
    public async Task A_junk_record_is_kept_with_its_place_and_reason_and_the_rest_goes_on(string hex)
    {
        byte[] junk = Convert.FromHexString(hex);
        var host = new SyntheticHost("host-1", seed: 1);
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        await kafka.Client.ProduceAsync(
            topic, [new(host.NextRecord()), new(junk, "a key"u8.ToArray()), new(host.NextRecord())], Cancellation);
        string config = await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database));
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        string letter = $"{topic} 0 1 {Convert.ToHexStringLower("a key"u8)} {Convert.ToHexStringLower(junk)} reason";
        Assert.Equal(letter, await database.AdminScalarAsync<string>(
            "SELECT format('%s %s %s %s %s %s', topic, partition, record_offset, encode(key, 'hex'), encode(payload, 'hex'), CASE WHEN reason <> '' THEN 'reason' END) FROM hostwire.dead_letter",
            Cancellation));
        Assert.Contains("offset=1", sink.StandardError, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();
}
