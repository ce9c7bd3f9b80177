using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hostwire.Otlp;

/// <summary>Numbers as OTLP's JSON has them: as numbers, or as strings, which hold all 64 bits and what JSON has no number for.</summary>
internal static class JsonNumber
{
    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The value at hand as a whole number; false where it is none. <c>1.0</c> and <c>1e3</c> are.</summary>
    public static bool TryGetWhole(in Utf8JsonReader json, out Int128 value)
    {
        value = 0;
        if (!TryGetText(json, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        bool isWhole = decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out decimal number) && decimal.IsInteger(number);
        value = isWhole ? (Int128)number : 0;
        return isWhole;
    }

    /// <summary>The value at hand as a double; false where it is none, or beyond the largest.</summary>
    public static bool TryGetDouble(in Utf8JsonReader json, out double value)
    {
        value = 0;
        if (!TryGetText(json, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (json.TokenType == JsonTokenType.String)
        {
            value = text.SequenceEqual("NaN"u8) ? double.NaN
                : text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
                : text.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity
                : 0;
            if (value != 0)
            {
                return true;
            }
        }

        return double.TryParse(text, Plain, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    private static bool TryGetText(in Utf8JsonReader json, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (json.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            return false;
        }

        // Nobody has a reason to escape digits, but everybody may.
        text = json.ValueIsEscaped ? Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan;
        return true;
    }
}
