using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Where in its intervals a host reads, so that the hosts of a fleet do not all send in the same moment.</summary>
public static class HostPhase
{
    /// <summary>A time made from the host's identity: the same at every start, spread evenly over a fleet. To be taken modulo an interval.</summary>
    /// <remarks>
    /// One number serves every interval: taken modulo 10 s and modulo 60 s it falls on the same moment, so that slow collectors share the
    /// pass, and the record, of fast ones.
    /// </remarks>
    public static TimeSpan Of(HostIdentity host)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{host.Name}\0{host.Id}"));

        // Below a day: any interval is shorter, and the sum with a date stays far from overflow.
        return TimeSpan.FromTicks((long)(BinaryPrimitives.ReadUInt64LittleEndian(hash) % TimeSpan.TicksPerDay));
    }
}
