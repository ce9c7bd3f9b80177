using CsCheck;
using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Fuzz;

/// <summary>A host one of whose files is damaged: a collector yields finite numbers, or says that it cannot read its file. Never another exception.</summary>
internal sealed class KernelFilesTarget : FuzzTarget
{
    private readonly string _root = Directory.CreateTempSubdirectory("hostwire-fuzz-").FullName;
    private readonly string[] _files;
    private readonly ICollector[] _collectors;
    private readonly Scrape _scrape = new();

    public KernelFilesTarget()
    {
        string source = Folder("small-vm");
        _files = [.. Files("small-vm").Where(file => !file.Contains("/root/", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(source, file))];
        foreach (string file in _files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, file))!);
            Restore(file);
        }

        var setup = new CollectorSetup(new HostPaths($"{_root}/proc", $"{_root}/sys", $"{_root}/root"));
        _collectors = [.. CollectorCatalogue.All.Select(definition => definition.Create(setup))];
    }

    protected override byte[][] Originals => [];

    /// <summary>The files of one of the captured hosts.</summary>
    public static IEnumerable<string> Files(string host) => Directory.EnumerateFiles(Folder(host), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>The name of a file, a line end, and what is in it.</summary>
    public override byte[] Input(uint seed, long number)
    {
        var random = new PCG(seed, (ulong)number);
        string file = _files[random.Next((uint)_files.Length)];
        byte[] sound = File.ReadAllBytes(Path.Combine(Folder("small-vm"), file));
        return [.. System.Text.Encoding.UTF8.GetBytes(file), (byte)'\n', .. number % 2 == 0 ? Damage.Some(sound, random) : Damage.Soup([sound], random)];
    }

    /// <inheritdoc/>
    public override void Check(byte[] input)
    {
        int end = Array.IndexOf(input, (byte)'\n');
        string file = System.Text.Encoding.UTF8.GetString(input.AsSpan(0, end));
        File.WriteAllBytes(Path.Combine(_root, file), input.AsSpan(end + 1));
        try
        {
            Array.ForEach(_collectors, Collect);
        }
        finally
        {
            Restore(file);
        }
    }

    public override void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        base.Dispose();
    }

    private void Collect(ICollector collector)
    {
        _scrape.Clear();
        _scrape.BeginGroup(1_000);
        try
        {
            collector.Collect(_scrape);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            Assert.NotEmpty(error.Message);
            return;
        }

        foreach (ref readonly ScrapePoint point in _scrape.Points)
        {
            Assert.True(double.IsFinite(point.Double), $"{point.Series} is {point.Double}");
        }
    }

    private void Restore(string file) => File.WriteAllBytes(Path.Combine(_root, file), File.ReadAllBytes(Path.Combine(Folder("small-vm"), file)));

    private static string Folder(string host) => Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", host);
}
