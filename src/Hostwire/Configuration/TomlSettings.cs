using System.Globalization;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Hostwire.Configuration;

/// <summary>Reads settings from a TOML file. Works on the syntax tree, since every error is to name its line.</summary>
internal static class TomlSettings
{
    private static readonly string[] Sections =
        [.. Settings.All.Select(setting => setting.Key[..setting.Key.LastIndexOf('.')]).Distinct(StringComparer.Ordinal), "agent.collectors", .. SettingTable.All.Select(table => table.Key)];

    private const string NoToml = "cannot be read as TOML: a line is KEY = VALUE, with text in quotes, or [SECTION].";

    /// <summary>Adds what the file sets, and what is wrong with it.</summary>
    /// <param name="content">The text of the file.</param>
    /// <param name="path">Its path, for messages; relative paths in it count from its folder.</param>
    /// <param name="values">Where they go.</param>
    public static void Read(string content, string path, SettingValues values)
    {
        // Tomlyn's own messages repeat what they speak of, and that may be a password; its validator does too, so keys that come twice are found here.
        if (Parse(content, path) is not { } document)
        {
            string[] lines = content.Split('\n');
            int line = Enumerable.Range(1, lines.Length).First(count => Parse(string.Join('\n', lines.Take(count)), path) is null || count == lines.Length);
            values.Refuse(new SettingSource(SettingSourceKind.File, path, line), NoToml);
            return;
        }

        if (document.HasErrors)
        {
            // After the first malformed line the parser may find more errors in it; one a line is enough.
            foreach (DiagnosticMessage error in document.Diagnostics.DistinctBy(error => error.Span.Start.Line))
            {
                values.Refuse(Source(path, error.Span), NoToml);
            }

            return;
        }

        var file = new OneFile(path, values);
        file.AddAll("", document.KeyValues);
        foreach (TableSyntaxBase table in document.Tables)
        {
            file.AddTable(table);
        }

        values.AddCommands(file.Commands());
    }

    // Tomlyn itself stumbles over some texts, such as one that ends in the middle of an escape: then there is no tree and no place.
    private static DocumentSyntax? Parse(string content, string path)
    {
        try
        {
            return SyntaxParser.Parse(content, path, validate: false);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static SettingSource Source(string path, SourceSpan span) => new(SettingSourceKind.File, path, span.Start.Line + 1);

    private sealed class OneFile(string path, SettingValues values)
    {
        private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
        private readonly TomlExec _exec = new(values);
        private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

        public void AddTable(TableSyntaxBase table)
        {
            string name = Name(table.Name!);
            SettingSource source = Source(table);
            if (name is TomlExec.Table && table is TableArraySyntax)
            {
                _exec.Begin(source);
                Visit("", table.Items, _exec.Add);
            }
            else if (name is TomlExec.AttributesTable && table is not TableArraySyntax && _exec.HasBegun)
            {
                Visit("attributes.", table.Items, _exec.Add);
            }
            else if (name is TomlExec.Table or TomlExec.AttributesTable)
            {
                values.Refuse(source, $"[{name}] must {(name is TomlExec.Table ? "be written [[exec]], for there may be several" : "follow a table [[exec]], and is written in single brackets")}.");
            }
            else if (table is TableArraySyntax)
            {
                values.Refuse(source, $"[[{name}]] must be written [{name}]: no section comes twice.");
            }
            else if (!Sections.Contains(name, StringComparer.Ordinal) && SettingTable.Of(name) is null)
            {
                values.Refuse(source, $"[{name}] is not a section.{(NearestName.Of(name, Sections) is string near ? $" Did you mean [{near}]?" : "")}");
            }
            else
            {
                AddAll(name + ".", table.Items);
            }
        }

        public void AddAll(string prefix, IEnumerable<KeyValueSyntax> items) => Visit(prefix, items, Add);

        public IReadOnlyList<ExecOptions> Commands() => _exec.Finish();

        private void Visit(string prefix, IEnumerable<KeyValueSyntax> items, Action<string, ValueSyntax, SettingSource> add)
        {
            foreach (KeyValueSyntax item in items)
            {
                string key = prefix + Name(item.Key!);
                // What stands in the place of a value may be one that lost its quotes, a password even: it is no name to be repeated.
                if (item.Value is InlineTableSyntax inline && Settings.Find(key) is null)
                {
                    Visit(key + ".", inline.Items.Select(part => part.KeyValue!), add);
                }
                else
                {
                    add(key, item.Value!, Source(item));
                }
            }
        }

        private void Add(string key, ValueSyntax value, SettingSource source)
        {
            if (!_lines.TryAdd(key, source.Line))
            {
                values.Refuse(source, string.Create(CultureInfo.InvariantCulture, $"{key} is set already in line {_lines[key]}: take one away."));
            }
            else if (SettingTable.Of(key) is SettingTable table)
            {
                // Names have dots, which TOML takes for tables unless they are quoted: linger.ms = 5 means the same here as "linger.ms" = 5.
                AddToTable(table, table.NameIn(key)!, value, source);
            }
            else if (Settings.Find(key) is not Setting setting)
            {
                bool isSection = Settings.All.Any(known => known.Key.StartsWith(key + ".", StringComparison.Ordinal));
                values.Refuse(source, isSection ? $"{key} is a section: write [{key}], and its keys in the lines below." : $"{key} is not a setting.{NearestName.Question(key, Settings.All.Select(known => known.Key))}");
            }
            else if (setting.Kind == SettingKind.List && value is ArraySyntax array)
            {
                AddList(setting, array, source);
            }
            else if (Text(setting.Kind, value) is not string text)
            {
                string quotes = value is StringValueSyntax && setting.Kind != SettingKind.List ? ", without quotes" : setting.Kind is SettingKind.Text or SettingKind.Path or SettingKind.Choice ? ", in quotes" : "";
                values.Refuse(source, $"{key} must be {setting.Values}{quotes}.");
            }
            else
            {
                values.Add(setting, text, source, _folder);
            }
        }

        private void AddList(Setting setting, ArraySyntax array, SettingSource source)
        {
            var items = new List<string>();
            int problems = values.Problems.Count;
            foreach (ArrayItemSyntax item in array.Items)
            {
                if (item.Value is not StringValueSyntax text)
                {
                    values.Refuse(Source(item), $"{setting.Key} must be {setting.Values}, each in quotes.");
                }
                else if (setting.ItemProblem(text.Value ?? "") is { } problem)
                {
                    values.Refuse(Source(item), $"{setting.Key} {problem}");
                }

                items.Add((item.Value as StringValueSyntax)?.Value ?? "");
            }

            if (values.Problems.Count == problems)
            {
                values.Add(setting, ListText.Join(items), source, _folder);
            }
        }

        private void AddToTable(SettingTable table, string name, ValueSyntax value, SettingSource source)
        {
            string? text = Text(SettingKind.Text, value) ?? Text(SettingKind.Boolean, value) ?? Text(SettingKind.Number, value);
            if (text is null)
            {
                values.Refuse(source, $"{table.Key}.{name} must be text in quotes, a number, true or false.");
                return;
            }

            values.Add(table, name, text, source);
        }


        private static string? Text(SettingKind kind, ValueSyntax value) => (kind, value) switch
        {
            (SettingKind.Text or SettingKind.Path or SettingKind.Choice, StringValueSyntax text) => text.Value,
            (SettingKind.Boolean, BooleanValueSyntax flag) => flag.Value ? "true" : "false",
            (SettingKind.Whole or SettingKind.Number, IntegerValueSyntax whole) => whole.Value.ToString(CultureInfo.InvariantCulture),
            (SettingKind.Number, FloatValueSyntax number) => number.Value.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

        private static string Name(KeySyntax key) => string.Join('.', key.DotKeys.Select(part => Name(part.Key!)).Prepend(Name(key.Key!)));

        private static string Name(BareKeyOrStringValueSyntax part) => part switch
        {
            StringValueSyntax quoted => quoted.Value ?? "",
            BareKeySyntax bare => bare.Key?.Text ?? "",
            _ => part.ToString() ?? "",
        };

        private SettingSource Source(SyntaxNode node) => TomlSettings.Source(path, node.Span);
    }
}
