namespace Hostwire.IntegrationTests.Rig;

/// <summary>Which of a connection's two flows.</summary>
public enum FlowDirection
{
    /// <summary>What the client sends.</summary>
    ToServer,

    /// <summary>What the server answers.</summary>
    ToClient,
}
