using System.Globalization;
using System.Text.Json;
using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>What a catalog file says.</summary>
/// <param name="Catalog">The catalog that the file describes; it passes the rules.</param>
/// <param name="InFile">Names the line of a fault that shows only later, beside what the database has.</param>
internal sealed record CatalogFileContents(CatalogContents Catalog, Func<CatalogFault, Error> InFile);

/// <summary>
/// A catalog file: <c>keygate-catalog/1</c> in JSON. Reading names every fault with its line: first those of the text, then those of members,
/// then those of the catalog that the file describes, since each would drag the next along.
/// </summary>
internal static class CatalogFile
{
    public const string Format = "keygate-catalog/1";
    public const int BytesMax = 8 * 1024 * 1024;

    // A file of another format would be at fault in every line; nobody reads more than this.
    private const int FaultsMax = 50;

    public static Result<CatalogFileContents> Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length > BytesMax)
        {
            return CatalogErrors.FileTooLarge;
        }

        if (!FileNode.Read(file.Span).TryGet(out var root, out var broken))
        {
            return broken;
        }

        var format = root.Members.FirstOrDefault(m => m.Name == "format").Value;
        if (format is not { Type: JsonTokenType.String, Text: Format })
        {
            return CatalogErrors.FileFormatUnknown.Because($"Line {(format ?? root).Line}: the file does not say \"format\": \"{Format}\"");
        }

        var reading = new Reading();
        var contents = reading.Root(root);
        var faults = reading.Faults.Count > 0 ? reading.Faults : [.. CatalogShape.Check(contents).Select(reading.InFile)];
        return Error.Of([.. faults.Take(FaultsMax)]) is { } error ? error : new CatalogFileContents(contents, reading.InFile);
    }

    /// <summary>Where an entry stands in the file.</summary>
    private sealed record Place(string Path, FileNode Node);

    private sealed class Reading
    {
        private readonly Dictionary<CatalogEntry, Place> _places = new(ReferenceEqualityComparer.Instance);

        public List<Error> Faults { get; } = [];

        public CatalogContents Root(FileNode node)
        {
            var root = new Members(this, node, "");
            root.Text("format");
            var contents = new CatalogContents
            {
                Groups = List(root, "featureGroups", m => new FeatureGroup
                {
                    Id = m.Text("id"), Description = m.Text("description"), Sort = m.Number("sort", 0), Mandatory = m.Flag("mandatory", false), ArchivedAt = m.Moment("archivedAt"),
                }),
                Classes = List(root, "licenseClasses", m => new LicenseClass
                {
                    KeyType = m.Text("keyType"), Name = m.Text("name"), Product = m.Text("product"), Version = m.Text("version", ""),
                    Description = m.Text("description", ""), BillType = m.Choice<BillType>("billType", null), IsAdditional = m.Flag("isAdditional", false),
                    RenewedAutomatically = m.Flag("renewedAutomatically", false), ApsLicenseType = m.TextOrNull("apsLicenseType"),
                    Activation = m.Choice<Activation>("activation", Activation.None), ArchivedAt = m.Moment("archivedAt"),
                }),
            };
            var relations = new List<ClassFeature>();
            contents = contents with
            {
                Features = List(root, "features", m =>
                {
                    var feature = new Feature { Id = m.Text("id"), Name = m.Text("name"), Group = m.TextOrNull("group"), Sort = m.Number("sort", 0), ArchivedAt = m.Moment("archivedAt") };
                    relations.AddRange(m.Each("classes", c => Placed(new ClassFeature { KeyType = c.AsText(), FeatureId = feature.Id }, c)));
                    relations.AddRange(m.Each("formerClasses", c =>
                    {
                        var former = c.AsMembers();
                        var relation = new ClassFeature { KeyType = former.Text("keyType"), FeatureId = feature.Id, ArchivedAt = former.Moment("archivedAt", required: true) };
                        former.End();
                        return Placed(relation, c);
                    }));
                    return feature;
                }),
                ClassFeatures = relations,
                AddOns = List(root, "addOns", m => new AddOn { Parent = m.Text("parent"), KeyType = m.Text("addOn"), ArchivedAt = m.Moment("archivedAt") }),
                UpgradeOptions = List(root, "upgradeOptions", m => new UpgradeOption
                {
                    From = m.Text("from"), To = m.Text("to"), Plan = m.Text("plan"), Description = m.Text("description", ""),
                    Type = m.Choice<UpgradeType>("type", UpgradeType.Upgrade), Enabled = m.Flag("enabled", true), ArchivedAt = m.Moment("archivedAt"),
                }),
            };
            root.End();
            return contents;
        }

        /// <summary>The error of a fault, with the line of the field where it has one, else that of the entry.</summary>
        public Error InFile(CatalogFault fault)
        {
            if (!_places.TryGetValue(fault.Entry, out var place))
            {
                return fault.Error;
            }

            var member = place.Node.Members.FirstOrDefault(m => m.Name == fault.Error.Field);
            return At(fault.Error, member.Value is null ? place.Node.Line : member.Line, member.Value is null ? place.Path : $"{place.Path}.{member.Name}");
        }

        public void Wrong(int line, string path, string what) => Faults.Add(At(CatalogErrors.FileMemberWrong.Because(what), line, path));

        private static Error At(Error error, int line, string path) =>
            error.Because(FormattableString.Invariant($"Line {line}: {error.Detail}")).At(path);

        private List<TEntry> List<TEntry>(Members root, string name, Func<Members, TEntry> read)
            where TEntry : CatalogEntry
            // A list that is missing would archive all that it should have held, so an empty one must be written down.
            => root.Each(name, item =>
            {
                var members = item.AsMembers();
                var entry = Placed(read(members), item);
                members.End();
                return entry;
            }, required: true);

        private TEntry Placed<TEntry>(TEntry entry, Item item)
            where TEntry : CatalogEntry
        {
            _places[entry] = new Place(item.Path, item.Node);
            return entry;
        }
    }

    /// <summary>One element of a list.</summary>
    private sealed record Item(Reading Reading, FileNode Node, string Path)
    {
        public string AsText()
        {
            if (Node.Type == JsonTokenType.String)
            {
                return Node.Text;
            }

            Reading.Wrong(Node.Line, Path, $"{Path} must be a text");
            return "";
        }

        public Members AsMembers() => new(Reading, Node, Path);
    }

    /// <summary>The members of one object; what nobody asked for by the end is unknown.</summary>
    private sealed class Members
    {
        private readonly Reading _reading;
        private readonly FileNode _node;
        private readonly string _path;
        private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

        public Members(Reading reading, FileNode node, string path)
        {
            (_reading, _node, _path) = (reading, node, path);
            if (node.Type != JsonTokenType.StartObject)
            {
                reading.Wrong(node.Line, path, $"{path} must be an object");
            }

            foreach (var twice in node.Members.GroupBy(m => m.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            {
                reading.Wrong(twice.Last().Line, Path(twice.Key), $"{Path(twice.Key)} is given twice");
            }
        }

        public string Text(string name, string? otherwise = null) => Read(name, otherwise, otherwise is null, JsonTokenType.String, "a text", n => n.Text) ?? "";

        public string? TextOrNull(string name) => Read<string?>(name, null, false, JsonTokenType.String, "a text", n => n.Text);

        public bool Flag(string name, bool otherwise) => Find(name, false) is not { } node
            ? otherwise
            : node.Type is JsonTokenType.True or JsonTokenType.False ? node.Type == JsonTokenType.True : Wrong(node, name, "true or false", otherwise);

        public int Number(string name, int otherwise) => Find(name, false) is not { } node
            ? otherwise
            : int.TryParse(node.Type == JsonTokenType.Number ? node.Text : "", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : Wrong(node, name, "a whole number", otherwise);

        public T Choice<T>(string name, T? otherwise)
            where T : struct, Enum
        {
            if (Find(name, otherwise is null) is not { } node)
            {
                return otherwise ?? default;
            }

            foreach (var value in Enum.GetValues<T>())
            {
                if (node.Type == JsonTokenType.String && string.Equals(node.Text, value.ToString(), StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return Wrong(node, name, $"one of {string.Join(", ", Enum.GetNames<T>())}", otherwise ?? default);
        }

        public DateTimeOffset? Moment(string name, bool required = false)
        {
            if (Find(name, required) is not { } node)
            {
                return null;
            }

            return node.Type == JsonTokenType.String && DateTimeOffset.TryParseExact(node.Text, CatalogFileWriter.MomentForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                ? moment
                : Wrong<DateTimeOffset?>(node, name, "a moment such as 2026-11-21T10:00:00.000Z", null);
        }

        public List<T> Each<T>(string name, Func<Item, T> read, bool required = false)
        {
            if (Find(name, required) is not { } list)
            {
                return [];
            }

            return list.Type == JsonTokenType.StartArray
                ? [.. list.Items.Select((node, i) => read(new Item(_reading, node, FormattableString.Invariant($"{Path(name)}[{i}]"))))]
                : Wrong<List<T>>(list, name, "a list", []);
        }

        public void End()
        {
            foreach (var member in _node.Members.Where(m => !_asked.Contains(m.Name)))
            {
                _reading.Wrong(member.Line, Path(member.Name), $"{Path(member.Name)} is no member of the format");
            }
        }

        private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

        private T Read<T>(string name, T otherwise, bool required, JsonTokenType type, string called, Func<FileNode, T> read) =>
            Find(name, required) is not { } node ? otherwise : node.Type == type ? read(node) : Wrong(node, name, called, otherwise);

        private FileNode? Find(string name, bool required)
        {
            _asked.Add(name);
            var member = _node.Members.FirstOrDefault(m => m.Name == name).Value;
            if (member is null && required && _node.Type == JsonTokenType.StartObject)
            {
                _reading.Wrong(_node.Line, Path(name), $"{Path(name)} is missing");
            }

            return member is { Type: JsonTokenType.Null } && !required ? null : member;
        }

        private T Wrong<T>(FileNode node, string name, string called, T otherwise)
        {
            _reading.Wrong(node.Line, Path(name), $"{Path(name)} must be {called}");
            return otherwise;
        }
    }
}
