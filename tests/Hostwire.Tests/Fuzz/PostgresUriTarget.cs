using System.Text;
using CsCheck;
using Hostwire.Store;

namespace Hostwire.Tests.Fuzz;

/// <summary>PostgreSQL's URI: its parts, or a sentence that does not give the password away.</summary>
internal sealed class PostgresUriTarget : FuzzTarget
{
    private const string Password = "tOp-sEcReT";

    private static readonly byte[][] Uris =
    [
        [.. "postgres://avnadmin:tOp-sEcReT@pg-1.aivencloud.com:12691/defaultdb?sslmode=require"u8],
        [.. "postgresql://u%40x:tOp-sEcReT@[::1]:5432,other:5433/d%2Fb?target_session_attrs=read-write&connect_timeout=5"u8],
        [.. "postgres:///db?host=%2Frun%2Fpostgresql&user=u&password=tOp-sEcReT&application_name=a%20b"u8],
    ];

    protected override byte[][] Originals => Uris;

    public override void Check(byte[] input)
    {
        string uri = Encoding.UTF8.GetString(input);
        (PostgresUri? parsed, string problem) = Bounded(input, () => (PostgresUriParser.Parse(uri, out string wrong), wrong));
        Assert.Equal(parsed is null, problem.Length > 0);
        Assert.DoesNotContain(Password, problem, StringComparison.Ordinal);
    }

    protected override byte[] Other(PCG random) => [.. "postgres://"u8, .. Damage.Soup(Uris, random)];
}
