using Hostwire.Diagnostics;
using Hostwire.Tests.Fuzz;

// Ctrl-C ends the run and prints what it has found so far.
using var signals = new StopSignals();
return FuzzProgram.Run(args, Console.Out, Console.Error, signals.Stopping);
