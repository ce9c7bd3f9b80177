using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class FilePathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("~/certs/ca.pem", "/certs/ca.pem")]
    [InlineData("~", "")]
    public void A_tilde_is_the_home_folder(string path, string rest) =>
        Assert.Equal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + rest, FilePath.Expand(path));

    [Theory]
    [InlineData("/etc/ca.pem")]
    [InlineData("ca.pem")]
    [InlineData("a~/b")]
    public void Any_other_path_stays_as_it_is(string path) => Assert.Equal(path, FilePath.Expand(path));

    [Theory]
    [InlineData(TemporaryFolder.Certificate, PemKind.Certificate, null)]
    [InlineData("text before\n" + TemporaryFolder.Certificate, PemKind.Certificate, null)]
    [InlineData(TemporaryFolder.PrivateKey, PemKind.PrivateKey, null)]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\n", PemKind.PrivateKey, null)]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", PemKind.PrivateKey, null)]
    [InlineData(TemporaryFolder.PrivateKey, PemKind.Certificate, "mixed up")]
    [InlineData(TemporaryFolder.Certificate, PemKind.PrivateKey, "mixed up")]
    [InlineData("", PemKind.Certificate, "holds no PEM certificate")]
    [InlineData("junk", PemKind.PrivateKey, "holds no PEM private key")]
    public void A_PEM_file_must_hold_what_its_key_says(string content, PemKind kind, string? expected)
    {
        string path = _folder.Write("file.pem", content);

        string? problem = FilePath.PemProblem(path, kind);

        Assert.Equal(expected is null, problem is null);
        Assert.Contains(expected ?? "", problem ?? "", StringComparison.Ordinal);
        Assert.Contains(expected is null ? "" : path, problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_told_apart()
    {
        Assert.Contains("does not exist", FilePath.PemProblem($"{_folder.Path}/none.pem", PemKind.Certificate), StringComparison.Ordinal);
        Assert.Contains("does not exist", FilePath.PemProblem($"{_folder.Path}/no/folder/ca.pem", PemKind.Certificate), StringComparison.Ordinal);
        Assert.Contains("is a folder", FilePath.PemProblem(_folder.Path, PemKind.Certificate), StringComparison.Ordinal);
    }
}
