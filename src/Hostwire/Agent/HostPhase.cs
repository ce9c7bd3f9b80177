using System.Text;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Where in its intervals a host reads, so that the hosts of a fleet do not all send in the same moment.</summary>
public static class HostPhase
{
    // FNV-1a, and the last steps of MurmurHash3, without which names that end alike would lie close together. Not SHA-256: nothing here is secret, and an agent that does without
    // the runtime's cryptography does not load OpenSSL, which is a tenth of its memory.
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>A time made from the host's identity: the same at every start, spread evenly over a fleet. To be taken modulo an interval.</summary>
    /// <remarks>
    /// One number serves every interval: taken modulo 10 s and modulo 60 s it falls on the same moment, so that slow collectors share the
    /// pass, and the record, of fast ones.
    /// </remarks>
    public static TimeSpan Of(HostIdentity host)
    {
        ulong hash = FnvOffset;
        foreach (byte part in Encoding.UTF8.GetBytes($"{host.Name}\0{host.Id}"))
        {
            hash = (hash ^ part) * FnvPrime;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;

        // Below a day: any interval is shorter, and the sum with a date stays far from overflow.
        return TimeSpan.FromTicks((long)((hash ^ (hash >> 33)) % TimeSpan.TicksPerDay));
    }
}
