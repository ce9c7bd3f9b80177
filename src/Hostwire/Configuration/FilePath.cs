namespace Hostwire.Configuration;

/// <summary>Files that settings name.</summary>
public static class FilePath
{
    // Certificates and keys are a few kilobytes; a bundle of every public CA is a quarter of a megabyte.
    private const int PemBytesMax = 4 * 1024 * 1024;

    /// <summary>The path with a leading <c>~/</c> replaced by the home folder: shells do that, librdkafka and Npgsql do not.</summary>
    public static string Expand(string path) =>
        path is "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
            : path;

    /// <summary>
    /// Null where the file (already expanded) can be read and holds a PEM block of the kind asked for, else what is wrong with it. The content never shows
    /// in the message.
    /// </summary>
    public static string? PemProblem(string path, PemKind kind)
    {
        string content;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > PemBytesMax })
            {
                return $"names {path}, which is too big for a PEM file: is it another file?";
            }

            content = File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"names {path}, which does not exist: correct the path, or put the file there.";
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            return $"names {path}, which is a folder: name the file in it.";
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            return $"names {path}, which {Environment.UserName} cannot read: give that user the right to (chmod, chown). {error.Message}";
        }

        bool hasCertificate = content.Contains("-----BEGIN CERTIFICATE", StringComparison.Ordinal)
            || content.Contains("-----BEGIN TRUSTED CERTIFICATE", StringComparison.Ordinal);
        bool hasKey = content.Contains("PRIVATE KEY-----", StringComparison.Ordinal);
        return kind switch
        {
            PemKind.Certificate when !hasCertificate && hasKey =>
                $"names {path}, which holds a private key and no certificate: the two files have been mixed up.",
            PemKind.Certificate when !hasCertificate => $"names {path}, which holds no PEM certificate (-----BEGIN CERTIFICATE-----).",
            PemKind.PrivateKey when !hasKey && hasCertificate =>
                $"names {path}, which holds a certificate and no private key: the two files have been mixed up.",
            PemKind.PrivateKey when !hasKey => $"names {path}, which holds no PEM private key (-----BEGIN PRIVATE KEY-----).",
            _ => null,
        };
    }
}
