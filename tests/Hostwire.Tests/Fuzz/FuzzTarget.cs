using CsCheck;

namespace Hostwire.Tests.Fuzz;

/// <summary>A parser of foreign bytes, with inputs for it and what must hold of whatever it makes of them. Used by one thread.</summary>
internal abstract class FuzzTarget : IDisposable
{
    // What a run of the parser may allocate: in proportion to its input, with room for what it says about it.
    private const int AllocatedBase = 256 * 1024;
    private const int AllocatedPerByte = 2_000;

    /// <summary>Valid inputs.</summary>
    protected abstract byte[][] Originals { get; }

    /// <summary>The input of a number; always the same for the same seed. Every other one is a valid one damaged.</summary>
    public virtual byte[] Input(uint seed, long number)
    {
        var random = new PCG(seed, (ulong)number);
        return number % 2 == 0 ? Damage.Some(Valid(random), random) : Other(random);
    }

    /// <summary>Fails, by whatever exception, where the parser did something that it must not do.</summary>
    public abstract void Check(byte[] input);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>A valid input.</summary>
    protected virtual byte[] Valid(PCG random) => Originals[random.Next((uint)Originals.Length)];

    /// <summary>An input that is no damaged one.</summary>
    protected virtual byte[] Other(PCG random) => Damage.Soup(Originals, random);

    /// <summary>Runs the parser and fails where it took memory out of proportion.</summary>
    protected static T Bounded<T>(byte[] input, Func<T> parse)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        T result = parse();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= AllocatedBase + ((long)AllocatedPerByte * input.Length), $"{input.Length} bytes made it allocate {allocated}.");
        return result;
    }
}
