using Hostwire.Store.Roles;

namespace Hostwire.Tests.Store.Roles;

public sealed class ScramVerifierTests
{
    [Fact]
    public void A_verifier_has_the_form_that_PostgreSQL_stores_and_a_salt_of_its_own()
    {
        string first = ScramVerifier.Make("pencil");
        Assert.Matches(@"^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$", first);
        Assert.False(string.Equals(first, ScramVerifier.Make("pencil"), StringComparison.Ordinal));
        Assert.DoesNotContain("pencil", first, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("it's \"all\" printable \\ ~", true)]
    [InlineData("", false)]
    [InlineData("tab\t", false)]
    [InlineData("pässword", false)]
    public void Only_passwords_that_need_no_normalisation_are_taken(string password, bool taken) => Assert.Equal(taken, ScramVerifier.CanTake(password));
}
