using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hostwire.Store;

/// <summary>One numbered step of the schema: SQL that is run once, in a transaction of its own, and never edited after a release.</summary>
public sealed class Migration
{
    private readonly byte[] _sha256;

    /// <summary>Makes a migration of the SQL in <c>Migrations/NNN_name.sql</c>.</summary>
    public Migration(int version, string name, string sql)
    {
        Version = version;
        Name = name;
        Sql = sql;
        _sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(sql));
    }

    /// <summary>Its number; the first is 1 and there are no holes.</summary>
    public int Version { get; }

    /// <summary>What it is called, e.g. <c>tables</c>.</summary>
    public string Name { get; }

    /// <summary>What it runs.</summary>
    public string Sql { get; }

    /// <summary>SHA-256 of <see cref="Sql"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> Sha256 => _sha256;

    /// <summary>The SQL and the statement that records it, to be run in one transaction.</summary>
    public string Script => string.Create(CultureInfo.InvariantCulture, $"""
        {Sql}
        insert into hostwire.migration (version, name, sha256) values ({Version}, '{Name}', '\x{Convert.ToHexStringLower(_sha256)}');

        """);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version:000}_{Name}");
}
