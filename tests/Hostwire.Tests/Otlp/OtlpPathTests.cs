using Google.Protobuf;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpPathTests
{
    [Fact]
    public void A_refused_point_is_named_by_the_way_to_it()
    {
        byte[] record = new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics(),
                new ResourceMetrics
                {
                    Resource = new Resource { Attributes = { new KeyValue { Key = "a" } } },
                    ScopeMetrics =
                    {
                        new ScopeMetrics { Scope = new InstrumentationScope { Name = "s" }, Metrics = { new Metric(), new Metric { Name = "m", Gauge = new Gauge { DataPoints = { new NumberDataPoint { TimeUnixNano = 1 }, new NumberDataPoint() } } } } },
                    },
                },
            },
        }.ToByteArray();
        DecodeResult result = OtlpDecoder.TryDecode(record, new DecodedRecord());
        Assert.Equal(DecodeError.TimeMissing, result.Error);
        Assert.Equal("resourceMetrics[1].scopeMetrics[0].metrics[1].gauge.dataPoints[1]", OtlpPath.Of(record, result.Position));
        Assert.Equal("its beginning", OtlpPath.Of(record, 0));
    }
}
