using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Faults;

// Ctrl-C ends the rounds that run and starts no other; --resume goes on.
using var signals = new StopSignals();
return await FaultProgram.RunAsync(args, Console.Out, Console.Error, signals.Stopping);
