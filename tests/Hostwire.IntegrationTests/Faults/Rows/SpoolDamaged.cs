using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The spool's file, or its log, is cut short, changed in the middle, or gone when an agent starts.</summary>
internal sealed class SpoolDamaged : AgentFault
{
    private const int Header = 100;
    private const int Stretch = 8_192;

    private static readonly string[] Damages = ["torn", "bytes changed", "zeros", "junk", "header gone", "missing"];

    private readonly string _damage;
    private readonly bool _isKilled;
    private readonly double _place;

    public SpoolDamaged(Random random)
        : base(3, "spool damaged")
    {
        _damage = Draw("damage", Damages[random.Next(Damages.Length)]);
        // Killed, it leaves most of what it has in the log; stopped in order, all of it in the file.
        _isKilled = random.Next(2) == 0;
        Draw("after", _isKilled ? "a kill" : "an orderly stop");
        _place = Draw("place", Math.Round(random.NextDouble(), 3));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        TakeKafkaAway(round);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        LedgerAgent agent = round.Agents[0];
        await (_isKilled ? agent.KillAsync(cancellationToken) : StopAsync(agent, cancellationToken));
        long damagedAt = LedgerAgent.Now;
        bool isCountable = Damage(agent);
        await agent.StartAsync(cancellationToken);
        await round.AgentsAcceptAsync(RoundRunner.AcceptedMin / 2, cancellationToken);
        string said = agent.Process.Output;
        if (!isCountable || said.Contains("an unknown number of", StringComparison.Ordinal))
        {
            // Nobody can count what was in a file that is gone, or at the end of a log that has been cut off there, which is then as sound as it was a moment earlier;
            // where only the number is unknown, the log and the metrics say that something is.
            agent.MayBeLost.Add((0, damagedAt));
        }

        // Some of those between the two ends of the damage had been sent.
        agent.CountsAtMost = said.Contains(" saved from it, at most ", StringComparison.Ordinal);
        if (said.Contains("is damaged", StringComparison.Ordinal) && !File.Exists(agent.Spool + ".damaged") && !File.Exists(agent.Spool + ".damaged-wal"))
        {
            round.Complaints.Add("The damaged spool was not set aside.");
        }

        GiveKafkaBack(round);
    }

    private static async Task StopAsync(LedgerAgent agent, CancellationToken cancellationToken)
    {
        // In order, so that no reading is in progress.
        await agent.PauseAsync(cancellationToken);
        await agent.StopAsync(cancellationToken);
        agent.Resume();
    }

    /// <returns>Whether what it costs can be known at all.</returns>
    private bool Damage(LedgerAgent agent)
    {
        string log = agent.Spool + "-wal";
        string file = File.Exists(log) && new FileInfo(log).Length > Stretch ? log : agent.Spool;
        if (_damage == "missing")
        {
            File.Delete(agent.Spool);
            return false;
        }

        byte[] bytes = File.ReadAllBytes(file);
        int at = Header + (int)((bytes.Length - Header - Stretch) * _place);
        switch (_damage)
        {
            case "torn":
                bytes = bytes[..at];
                break;
            case "bytes changed":
                bytes[at] ^= 0x10;
                break;
            case "zeros":
                bytes.AsSpan(at, Stretch).Clear();
                break;
            case "junk":
                new Random(at).NextBytes(bytes.AsSpan(at, Stretch));
                break;
            default:
                bytes.AsSpan(0, Header).Clear();
                break;
        }

        File.WriteAllBytes(file, bytes);
        return _damage != "torn" || file != log;
    }
}
