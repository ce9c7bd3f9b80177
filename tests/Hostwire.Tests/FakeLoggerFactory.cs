using Microsoft.Extensions.Logging;

namespace Hostwire.Tests;

/// <summary>Gives every category the same logger.</summary>
internal sealed class FakeLoggerFactory(FakeLogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
