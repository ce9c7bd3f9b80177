namespace Hostwire.Monitoring;

/// <summary>A file with certificates that the settings name.</summary>
/// <param name="Key">The setting, which is also how metrics and log call it: <c>kafka.certificate_file</c>.</param>
/// <param name="Path">The file.</param>
internal readonly record struct CertificateFile(string Key, string Path);
