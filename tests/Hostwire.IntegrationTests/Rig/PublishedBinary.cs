using System.Collections;
using Hostwire.IntegrationTests.Rig;

[assembly: AssemblyFixture(typeof(PublishedBinary))]

namespace Hostwire.IntegrationTests.Rig;

/// <summary>The native binary that users get, run as they run it. Published when first asked for, or the one that <c>HOSTWIRE_TEST_BINARY</c> names.</summary>
/// <remarks>Its home folder is empty and none of the caller's <c>HOSTWIRE_</c> and <c>PG</c> variables reach it: a test says all that counts.</remarks>
public sealed class PublishedBinary : IDisposable
{
    private const string Variable = "HOSTWIRE_TEST_BINARY";

    private readonly Lazy<Task<string>> _path = new(PublishAsync);
    private readonly Lazy<TestDirectory> _home = new(() => new TestDirectory("home"));
    private int _started;

    /// <summary>The file; published first if need be.</summary>
    public Task<string> PathAsync() => _path.Value;

    /// <summary>Runs a verb to its end.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Variables on top of a clean environment.</param>
    /// <param name="cancellationToken">Ends the wait; the process is killed.</param>
    public async Task<RunResult> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellationToken = default)
    {
        await using ChildProcess child = await StartAsync(arguments, environment);
        int exitCode = await child.WaitForExitAsync(cancellationToken);
        return new RunResult(exitCode, child.StandardOutput, child.StandardError);
    }

    /// <summary>Starts a verb that runs until it is told to stop; the caller disposes it, which kills it if it still runs.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Variables on top of a clean environment.</param>
    public async Task<ChildProcess> StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        string path = await PathAsync();
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = _home.Value.FullPath };
        foreach (DictionaryEntry inherited in Environment.GetEnvironmentVariables())
        {
            string name = (string)inherited.Key;
            if (name.StartsWith("HOSTWIRE_", StringComparison.Ordinal) || name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("XDG_", StringComparison.Ordinal))
            {
                variables[name] = null;
            }
        }

        // A "hostwire up" on this machine keeps the addresses of its servers where other verbs find them: not here.
        variables["HOSTWIRE_DATA"] = _home.Value["data"];

        // Each agent has a spool of its own, unless a test says otherwise.
        variables["STATE_DIRECTORY"] = _home.Value[$"state-{Interlocked.Increment(ref _started)}"];
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            variables[name] = value;
        }

        return await ChildProcess.StartAsync(path, arguments, variables, _home.Value.FullPath);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_home.IsValueCreated)
        {
            _home.Value.Dispose();
        }
    }

    private static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? Path.GetFullPath(named) : throw new InvalidOperationException($"{Variable} is {named}, which is not there.");
        }

        string output = Repository.PathOf("artifacts/test-binary");
        string[] publish = ["publish", Repository.PathOf("src/Hostwire/Hostwire.csproj"), "-c", "Release", "-o", output, "-m:2", "--nologo"];
        await using ChildProcess dotnet = await ChildProcess.StartAsync("dotnet", publish);
        int exitCode = await dotnet.WaitForExitAsync(TimeSpan.FromMinutes(10));
        return exitCode == 0
            ? Path.Combine(output, "hostwire")
            : throw new InvalidOperationException($"The native binary could not be published.\n{dotnet.Describe()}");
    }
}
