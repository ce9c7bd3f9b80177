using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hostwire.Store.Roles;

/// <summary>What PostgreSQL stores of a password (RFC 5803): made here, as psql's <c>\password</c> does, so that the password itself reaches no server and no server's log.</summary>
internal static class ScramVerifier
{
    // As PostgreSQL itself makes them.
    private const int Iterations = 4096;
    private const int SaltBytes = 16;

    /// <summary>Whether a password can be hashed here: other characters would first have to be normalised as RFC 4013 says.</summary>
    public static bool CanTake(string password) => password.Length > 0 && password.All(character => character is >= ' ' and <= '~');

    /// <summary>The verifier, with a salt of its own.</summary>
    public static string Make(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        byte[] stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        byte[] server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture, $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
