namespace Hostwire.IntegrationTests;

public sealed class SmokeTests
{
    [Fact]
    public void Catalogue_is_not_empty() => Assert.NotEmpty(Collectors.CollectorCatalogue.All);
}
