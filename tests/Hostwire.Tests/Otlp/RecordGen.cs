using CsCheck;
using Hostwire.Tests.Fuzz;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>Records at random, half of them damaged afterwards.</summary>
/// <param name="originals">Real records to damage beside the generated ones.</param>
internal sealed class RecordGen(byte[][] originals) : Gen<byte[]>
{
    public override byte[] Generate(PCG pcg, Size? min, out Size size)
    {
        byte[] record = originals.Length > 0 && pcg.Next(100) == 0
            ? originals[pcg.Next((uint)originals.Length)]
            : new WireGenerator(pcg).Message(ExportMetricsServiceRequest.Descriptor);
        if (pcg.Next(2) == 0)
        {
            record = Damage.Some(record, pcg);
        }

        size = new Size((ulong)record.Length);
        return record;
    }
}
