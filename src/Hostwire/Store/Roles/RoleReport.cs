namespace Hostwire.Store.Roles;

/// <summary>What making the roles found and did.</summary>
/// <param name="Existed">The roles that were there already.</param>
/// <param name="FromVersion">Version of the schema before; 0 where there was none.</param>
/// <param name="ToVersion">Version of the schema now.</param>
internal sealed record RoleReport(IReadOnlySet<string> Existed, int FromVersion, int ToVersion);
