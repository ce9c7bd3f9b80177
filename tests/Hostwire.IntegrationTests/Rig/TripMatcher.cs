namespace Hostwire.IntegrationTests.Rig;

/// <summary>Looks for a tripwire's texts in one flow of one connection, also where a text comes in pieces.</summary>
internal sealed class TripMatcher(Tripwire wire)
{
    private byte[] _tail = [];
    private int _next;
    private long _untilCut = -1;

    /// <summary>The wire.</summary>
    public Tripwire Wire { get; } = wire;

    /// <summary>How many of these bytes still go through; null where the place is not in them.</summary>
    public int? CutIn(ReadOnlySpan<byte> bytes)
    {
        if (_untilCut < 0)
        {
            if (!Match(bytes, out int end))
            {
                return null;
            }

            _untilCut = Wire.Point is TripPoint.AfterText ? end + Wire.Bytes : end;
        }

        if (_untilCut > bytes.Length)
        {
            _untilCut -= bytes.Length;
            return null;
        }

        return (int)_untilCut;
    }

    /// <summary>Whether all texts have gone by; with the place of the last one's end, or of its beginning where that is asked for.</summary>
    private bool Match(ReadOnlySpan<byte> bytes, out int end)
    {
        byte[] seen = [.. _tail, .. bytes];
        int from = 0;
        end = 0;
        while (_next < Wire.Texts.Length)
        {
            byte[] text = Wire.Texts[_next];
            int found = seen.AsSpan(from).IndexOf(text);
            if (found < 0)
            {
                // The beginning of the text may be the end of what is here.
                _tail = seen[Math.Max(from, seen.Length - text.Length + 1)..];
                return false;
            }

            _next++;
            end = (Wire.Point is TripPoint.BeforeText && _next == Wire.Texts.Length ? from + found : from + found + text.Length) - _tail.Length;
            from += found + text.Length;
        }

        end = Math.Max(0, end);
        return true;
    }
}
