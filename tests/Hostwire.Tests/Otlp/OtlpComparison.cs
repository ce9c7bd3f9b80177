using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>Holds our decoder against the parser that protoc generates.</summary>
internal static class OtlpComparison
{
    /// <summary>Fails unless both take the record and find the same, or both refuse it, or only we do for a reason that the record deserves. Says which it was.</summary>
    /// <param name="record">The record.</param>
    /// <param name="result">What our decoder said.</param>
    /// <param name="decoded">What it found.</param>
    public static string Compare(byte[] record, DecodeResult result, DecodedRecord decoded)
    {
        Assert.NotEmpty(result.Reason);
        Assert.InRange(result.Position, 0, record.Length);
        if (!GeneratedParser.TryParse(record, out ExportMetricsServiceRequest? request))
        {
            Assert.True(result.IsMalformed, $"The generated parser refuses it, and we say {result}.");
            return "malformed";
        }

        HashSet<DecodeError> refusals = DecodedComparer.Refusals(request);
        if (refusals.Count > 0)
        {
            Assert.Contains(result.Error, refusals);
            return "refused";
        }

        Assert.True(result.IsOk, $"The generated parser takes it, and we say {result}.");
        new DecodedComparer(record, decoded).AssertEqual(request);
        return decoded.Points.Length > 0 && record.Length < 5_000 ? "taken with points" : "taken";
    }
}
