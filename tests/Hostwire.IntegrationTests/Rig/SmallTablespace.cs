using Npgsql;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A disk of a few megabytes with a tablespace on it, which can be filled up; skips the test where file systems cannot be mounted.</summary>
public sealed class SmallTablespace : IAsyncDisposable
{
    private const int MegaBytes = 8;

    private readonly TestDirectory _directory = new("disk");
    private readonly string _connectionString;
    private bool _isMounted;

    private SmallTablespace(string connectionString) => _connectionString = connectionString;

    /// <summary>Name of the tablespace; drop what lies in it before the disk.</summary>
    public string Tablespace { get; } = $"small_{Guid.NewGuid():n}";

    private string Filler => _directory["filler"];

    /// <summary>Mounts one, and makes the tablespace.</summary>
    public static async Task<SmallTablespace> MountAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        await postgres.EnsureStartedAsync(cancellationToken);
        var disk = new SmallTablespace(postgres.ConnectionString);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount a small disk to be filled up.");
        await using ChildProcess mount = await ChildProcess.StartAsync("mount", ["-t", "tmpfs", "-o", $"size={MegaBytes}m", "tmpfs", disk._directory.FullPath]);
        disk._isMounted = await mount.WaitForExitAsync(cancellationToken) == 0;
        Assert.SkipUnless(disk._isMounted, $"A small disk cannot be mounted here: {mount.StandardError}");
        await ChildProcess.RunAsync("chown", ["postgres", disk._directory.FullPath]);
        await disk.ExecuteAsync($"create tablespace {disk.Tablespace} location '{disk._directory.FullPath}'");
        return disk;
    }

    /// <summary>Writes a file until nothing fits any more.</summary>
    public async Task FillAsync()
    {
        await using FileStream file = File.Create(Filler, bufferSize: 0);
        byte[] page = new byte[4096];
        try
        {
            while (file.Length < MegaBytes << 21)
            {
                await file.WriteAsync(page);
            }
        }
        catch (IOException)
        {
            // Full.
            return;
        }

        throw new InvalidOperationException("The disk does not fill up.");
    }

    /// <summary>Takes that file away.</summary>
    public void Free() => File.Delete(Filler);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            await ExecuteAsync($"drop tablespace if exists {Tablespace}");
            await ChildProcess.RunAsync("umount", [_directory.FullPath]);
        }

        _directory.Dispose();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The names are made here.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
