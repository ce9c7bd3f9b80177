using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Has the database itself write down every committed move of an offset, so that nothing depends on looking often enough.</summary>
internal static class OffsetAudit
{
    /// <summary>Call once the schema is there and before a sink has stored anything.</summary>
    public static Task InstallAsync(TestDatabase database, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        CREATE SCHEMA rig;
        CREATE TABLE rig.move (
          id bigserial, transaction xid8, session text, owner text, partition int, is_claim boolean, from_topic text, to_topic text, from_offset bigint, to_offset bigint);
        CREATE FUNCTION rig.audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          INSERT INTO rig.move (transaction, session, owner, partition, is_claim, from_topic, to_topic, from_offset, to_offset)
          VALUES (pg_current_xact_id(), current_setting('application_name'), NEW.owner, NEW.partition, TG_OP = 'INSERT' OR NEW.owner_epoch <> OLD.owner_epoch,
            OLD.topic_id, NEW.topic_id, OLD.next_offset, NEW.next_offset);
          RETURN NULL;
        END $$;
        CREATE TRIGGER audit AFTER INSERT OR UPDATE ON hostwire.kafka_offset FOR EACH ROW EXECUTE FUNCTION rig.audit();
        """,
        cancellationToken);

    /// <summary>How many sinks have committed at least this many batches.</summary>
    public static Task<long> SinksWithBatchesAsync(TestDatabase database, int batches, CancellationToken cancellationToken) => database.AdminScalarAsync<long>(
        $"SELECT count(*) FROM (SELECT owner FROM rig.move WHERE to_offset <> from_offset GROUP BY owner HAVING count(DISTINCT transaction) >= {batches}) sink", cancellationToken);

    /// <summary>How many moves went back within one topic; none may.</summary>
    public static Task<long> MovesBackAsync(TestDatabase database, CancellationToken cancellationToken) =>
        database.AdminScalarAsync<long>("SELECT count(*) FROM rig.move WHERE to_offset < from_offset AND from_topic = to_topic", cancellationToken);

    /// <summary>
    /// How many moves were made by another session (<c>application_name</c>, which the test gives each sink of its own) than the one that had claimed the
    /// partition last; none may.
    /// </summary>
    public static Task<long> StrayMovesAsync(TestDatabase database, CancellationToken cancellationToken) => database.AdminScalarAsync<long>(
        """
        SELECT count(*) FROM rig.move m
        WHERE NOT is_claim AND session IS DISTINCT FROM
          (SELECT c.session FROM rig.move c WHERE c.is_claim AND c.partition = m.partition AND c.id < m.id ORDER BY c.id DESC LIMIT 1)
        """,
        cancellationToken);
}
