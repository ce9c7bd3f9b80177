using CsCheck;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>Records at random, half of them damaged afterwards: bits turned, bytes cut out, doubled, overwritten, the end missing.</summary>
/// <param name="originals">Real records to damage beside the generated ones.</param>
internal sealed class RecordGen(byte[][] originals) : Gen<byte[]>
{
    private static readonly byte[] TellingBytes = [0x00, 0x01, 0x04, 0x07, 0x7F, 0x80, 0xFF];

    public override byte[] Generate(PCG pcg, Size? min, out Size size)
    {
        byte[] record = originals.Length > 0 && pcg.Next(100) == 0
            ? originals[pcg.Next((uint)originals.Length)]
            : new WireGenerator(pcg).Message(ExportMetricsServiceRequest.Descriptor);
        for (uint damages = pcg.Next(2) * (1 + pcg.Next(3)); damages > 0 && record.Length > 0; damages--)
        {
            record = Damage(record, pcg);
        }

        size = new Size((ulong)record.Length);
        return record;
    }

    private static byte[] Damage(byte[] record, PCG pcg)
    {
        int at = (int)pcg.Next((uint)record.Length);
        int length = Math.Min(1 + (int)pcg.Next(pcg.Next(2) == 0 ? 3U : 40U), record.Length - at);
        byte[] copy = [.. record];
        switch (pcg.Next(6))
        {
            case 0:
                copy[at] ^= (byte)(1 << (int)pcg.Next(8));
                return copy;
            case 1:
                copy[at] = TellingBytes[pcg.Next((uint)TellingBytes.Length)];
                return copy;
            case 2:
                return [.. record.AsSpan(0, at), .. record.AsSpan(at + length)];
            case 3:
                return [.. record.AsSpan(0, at + length), .. record.AsSpan(at)];
            case 4:
                // A length that became five or ten bytes, a number without end.
                return [.. record.AsSpan(0, at), .. Enumerable.Repeat((byte)0xFF, (int)pcg.Next(12)), .. record.AsSpan(at)];
            default:
                return record[..at];
        }
    }
}
