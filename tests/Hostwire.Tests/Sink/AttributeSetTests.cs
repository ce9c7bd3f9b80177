using System.Buffers;
using System.Text.Json;
using Hostwire.Sink;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

public sealed class AttributeSetTests
{
    [Fact]
    public void The_same_text_under_another_type_is_another_value()
    {
        byte[][] values =
        [
            Text("1"), Int(1), Double(1), Bool(true), Bytes((byte)'1'), Array(Text("1")), Array(Int(1)), Map(Attribute("1", Empty)), Empty,
            Text(""), Int(0), Double(0), Double(-0.0), Bool(false), Bytes(), Array(), Map(), Double(double.NaN), Text("true"), Array(Array(Int(1))),
        ];
        string[] canonical = [.. values.Select(value => Canonical(Decoded.Attributes(Attribute("k", value))))];
        Assert.Equal(values.Length, canonical.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Lengths_are_stated_so_that_no_two_sets_run_into_each_other()
    {
        Assert.NotEqual(Canonical(Decoded.Attributes(Attribute("ab", "c"))), Canonical(Decoded.Attributes(Attribute("a", "bc"))), StringComparer.Ordinal);
        Assert.NotEqual(Canonical(Decoded.Attributes(Attribute("a", ""), Attribute("b", ""))), Canonical(Decoded.Attributes(Attribute("a", "b"))), StringComparer.Ordinal);
        Assert.NotEqual(Canonical(Decoded.Attributes(Attribute("k", "a\0"))), Canonical(Decoded.Attributes(Attribute("k", "a"))), StringComparer.Ordinal);
    }

    [Fact]
    public void Order_says_nothing_also_inside_a_map()
    {
        byte[] a = Attribute("a", Map(Attribute("x", Int(1)), Attribute("y", Map(Attribute("p", "1"), Attribute("q", "2")))));
        byte[] again = Attribute("a", Map(Attribute("y", Map(Attribute("q", "2"), Attribute("p", "1"))), Attribute("x", Int(1))));
        byte[] b = Attribute("b", "1");
        Assert.Equal(Canonical(Decoded.Attributes(a, b)), Canonical(Decoded.Attributes(b, again)));
        Assert.NotEqual(Canonical(Decoded.Attributes(Attribute("a", Array(Int(1), Int(2))))), Canonical(Decoded.Attributes(Attribute("a", Array(Int(2), Int(1))))), StringComparer.Ordinal);
    }

    [Fact]
    public void Of_a_key_given_twice_the_last_one_stays_in_both_forms()
    {
        AttributeSet twice = Decoded.Attributes(Attribute("k", "first"), Attribute("other", "x"), Attribute("k", Int(2)));
        Assert.Equal(Canonical(Decoded.Attributes(Attribute("k", Int(2)), Attribute("other", "x"))), Canonical(twice));
        Assert.Equal("""{"k":2,"other":"x"}""", twice.ToJson());
        Assert.Equal(2, twice.Count);
        Assert.Equal(
            Canonical(Decoded.Attributes(Attribute("m", Map(Attribute("k", Int(2)))))),
            Canonical(Decoded.Attributes(Attribute("m", Map(Attribute("k", Int(1)), Attribute("k", Int(2)))))));
    }

    [Fact]
    public void Json_holds_every_type_and_nothing_that_jsonb_refuses()
    {
        AttributeSet set = Decoded.Attributes(
            Attribute("a\0\"\\\n", "x\0y"), Attribute("bytes", Bytes(0, 255)), Attribute("nan", Double(double.NaN)), Attribute("inf", Double(double.NegativeInfinity)),
            Attribute("whole", Double(1)), Attribute("max", Int(long.MaxValue)), Attribute("none", Empty), Attribute("text", "é𝄞\u0001"), Attribute("list", Array(Int(1), Bool(true), Map(Attribute("\0", Empty)))));
        string json = set.ToJson();
        Assert.DoesNotContain("\\u0000", json, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        Assert.Equal("x\uFFFDy", root.GetProperty("a\uFFFD\"\\\n").GetString());
        Assert.Equal("AP8=", root.GetProperty("bytes").GetString());
        Assert.Equal("NaN", root.GetProperty("nan").GetString());
        Assert.Equal("-Infinity", root.GetProperty("inf").GetString());
        Assert.Equal(1, root.GetProperty("whole").GetDouble());
        Assert.Equal(long.MaxValue, root.GetProperty("max").GetInt64());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("none").ValueKind);
        Assert.Equal("é𝄞\u0001", root.GetProperty("text").GetString());
        Assert.Equal("""[1,true,{"\uFFFD":null}]""", root.GetProperty("list").GetRawText().Replace("\uFFFD", "\\uFFFD", StringComparison.Ordinal));
    }

    [Fact]
    public void Merged_json_takes_the_points_own_value_of_a_key_that_both_have()
    {
        AttributeSet resource = Decoded.Attributes(Attribute("device", "of the resource"), Attribute("pid", Int(7)));
        Assert.Equal("""{"cpu":"0","device":"sda","pid":7}""", resource.ToJson(preferred: Decoded.Attributes(Attribute("device", "sda"), Attribute("cpu", "0"))));
        Assert.Equal("{}", Decoded.Attributes().ToJson());
    }

    private static string Canonical(AttributeSet set)
    {
        var output = new ArrayBufferWriter<byte>();
        set.WriteCanonical(output);
        return Convert.ToHexString(output.WrittenSpan);
    }
}
