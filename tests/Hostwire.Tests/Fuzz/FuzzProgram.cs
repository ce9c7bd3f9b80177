using System.Globalization;

namespace Hostwire.Tests.Fuzz;

/// <summary>The fuzz program: one JSON line a target.</summary>
public static class FuzzProgram
{
    private const string Usage = """
        scripts/fuzz [--target NAME]... [--inputs N] [--seed N] [--first N] [--threads N]
          --target   one of the targets; all of them where none is named
          --inputs   how many inputs each gets (default 100000)
          --seed     of all that is random (default: one at random, which is printed)
          --first    number of the first input (default 0): with --inputs 1 it repeats a finding
          --threads  default: as many as there are CPUs
        Targets:
        """;

    /// <summary>Runs; 0 where nothing was found, 1 where something was, 2 for a wrong command line.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter errors, CancellationToken stopping)
    {
        var targets = new List<string>();
        long inputs = 100_000;
        long first = 0;
        uint seed = (uint)Random.Shared.Next();
        int threads = Environment.ProcessorCount;
        for (int index = 0; index + 1 < arguments.Length; index += 2)
        {
            string value = arguments[index + 1];
            bool isRead = arguments[index] switch
            {
                "--target" => Add(targets, value),
                "--inputs" => long.TryParse(value, CultureInfo.InvariantCulture, out inputs),
                "--first" => long.TryParse(value, CultureInfo.InvariantCulture, out first),
                "--seed" => uint.TryParse(value, CultureInfo.InvariantCulture, out seed),
                "--threads" => int.TryParse(value, CultureInfo.InvariantCulture, out threads) && threads > 0,
                _ => false,
            };
            if (!isRead)
            {
                arguments = ["--help"];
            }
        }

        if (arguments.Length % 2 == 1)
        {
            errors.WriteLine($"{Usage} {string.Join(' ', FuzzTargets.All.Select(target => target.Name))}");
            return 2;
        }

        errors.WriteLine($"Seed {seed}");
        bool isClean = true;
        foreach ((string name, _, Func<FuzzTarget> create) in FuzzTargets.All.Where(target => targets.Count == 0 || targets.Contains(target.Name, StringComparer.Ordinal)))
        {
            var run = new FuzzRun(name, create, seed);
            run.Run(first, inputs, threads, stopping);
            output.WriteLine(run);
            isClean &= run.Findings.Count == 0;
        }

        return isClean ? 0 : 1;
    }

    private static bool Add(List<string> targets, string name)
    {
        targets.Add(name);
        return Array.Exists(FuzzTargets.All, target => target.Name == name);
    }
}
