using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class SecretTextTests
{
    private const string Canary = "AVNS_c4n4ry";

    [Theory]
    [InlineData("kafka.password", Canary, "********")]
    [InlineData("kafka.password", "", "")]
    [InlineData("postgres.password", Canary, "********")]
    [InlineData("kafka.properties.sasl.password", Canary, "********")]
    [InlineData("kafka.properties.ssl.key.pem", Canary, "********")]
    [InlineData("kafka.properties.linger.ms", "5", "5")]
    [InlineData("kafka.username", "me", "me")]
    [InlineData("postgres.uri", "postgres://u:" + Canary + "@h:1/d?sslmode=require", "postgres://u:********@h:1/d?sslmode=require")]
    [InlineData("postgres.uri", "postgres://h/d?user=u&password=" + Canary, "postgres://u:********@h:5432/d")]
    [InlineData("postgres.uri", "postgresql://u@[::1]/d", "postgres://u@[::1]:5432/d")]
    [InlineData("postgres.uri", "postgres:///d?host=/run/pg", "postgres://%2Frun%2Fpg:5432/d")]
    [InlineData("postgres.uri", "postgres://u:x@" + Canary + "@h/d", "********")]
    [InlineData("postgres.uri", Canary, "********")]
    public void Secrets_are_masked_and_the_rest_is_shown(string key, string text, string expected) =>
        Assert.Equal(expected, SecretText.Mask(new(key, text, default)));

    [Fact]
    public void A_value_has_no_text_form_that_shows_it() =>
        Assert.DoesNotContain(Canary, new SettingValue("kafka.password", Canary, default).ToString(), StringComparison.Ordinal);
}
