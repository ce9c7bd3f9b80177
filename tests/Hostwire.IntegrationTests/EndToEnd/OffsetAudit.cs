using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Has the database itself write down every committed move of an offset, so that nothing depends on looking often enough.</summary>
internal static class OffsetAudit
{
    /// <summary>Call once the schema is there and before a sink has stored anything.</summary>
    public static Task InstallAsync(TestDatabase database, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        CREATE SCHEMA rig;
        CREATE TABLE rig.move (id bigserial, transaction xid8, owner text, partition int, from_offset bigint, to_offset bigint);
        CREATE FUNCTION rig.audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          INSERT INTO rig.move (transaction, owner, partition, from_offset, to_offset)
          VALUES (pg_current_xact_id(), NEW.owner, NEW.partition, OLD.next_offset, NEW.next_offset);
          RETURN NULL;
        END $$;
        CREATE TRIGGER audit AFTER UPDATE ON hostwire.kafka_offset FOR EACH ROW WHEN (OLD.next_offset <> NEW.next_offset) EXECUTE FUNCTION rig.audit();
        """,
        cancellationToken);

    /// <summary>How many sinks have committed at least this many batches.</summary>
    public static Task<long> SinksWithBatchesAsync(TestDatabase database, int batches, CancellationToken cancellationToken) => database.AdminScalarAsync<long>(
        $"SELECT count(*) FROM (SELECT owner FROM rig.move GROUP BY owner HAVING count(DISTINCT transaction) >= {batches}) sink", cancellationToken);

    /// <summary>How many moves went back; none may.</summary>
    public static Task<long> MovesBackAsync(TestDatabase database, CancellationToken cancellationToken) =>
        database.AdminScalarAsync<long>("SELECT count(*) FROM rig.move WHERE to_offset < from_offset", cancellationToken);
}
