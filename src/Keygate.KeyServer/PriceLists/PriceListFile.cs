using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>An issuer price-list file, read and checked.</summary>
/// <param name="Name">The list's name; a second import under the same name updates the list.</param>
/// <param name="Currency">The currency of its prices; null for a list without prices.</param>
/// <param name="Items">What it offers.</param>
internal sealed partial record PriceListFile(string Name, string? Currency, PriceListItems Items)
{
    /// <summary>The word at the head of every file of this version.</summary>
    public const string Format = "keygate-price-list/1";

    /// <summary>The largest file that is read.</summary>
    public const int BytesMax = 8 << 20;

    /// <summary>Reads a file. All faults come back at once, each with its line; nothing is taken from a file that has any.</summary>
    public static Result<PriceListFile> Read(ReadOnlyMemory<byte> utf8)
    {
        if (!PositionedJson.Read(utf8.Span).TryGet(out var json, out var broken))
        {
            return broken;
        }

        var faults = new List<Error>();
        var file = new Reading(faults).File(json);
        return Error.Of(faults) is { } error ? error : file;
    }

    /// <summary>The items of a list with one more, or one changed, as it stands in a file; what the others say of it is checked as in a whole file.</summary>
    public static Result<PriceListItems> With(PriceListItems items, PriceListKind kind, string id, ReadOnlyMemory<byte> entry)
    {
        if (!PositionedJson.Read(entry.Span).TryGet(out var json, out var broken))
        {
            return broken;
        }

        var faults = new List<Error>();
        var with = new Reading(faults).With(items, kind, id, json);
        return Error.Of(faults) is { } error ? error : with;
    }

    /// <summary>The items of a list without one; refused where others name it.</summary>
    public static Result<PriceListItems> Without(PriceListItems items, PriceListKind kind, string id)
    {
        var faults = new List<Error>();
        var without = new Reading(faults).Without(items, kind, id);
        return Error.Of(faults) is { } error ? error : without;
    }

    private sealed class Reading(List<Error> faults)
    {
        private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

        public PriceListFile File(PositionedJson json)
        {
            var root = new Members(json, faults, "the price list");
            var format = root.Text("format");
            if (format is not null && format != Format)
            {
                faults.Add(json.Wrong($"The format is \"{format}\"; this program reads \"{Format}\"."));
                return new PriceListFile("", null, new PriceListItems([], [], [], []));
            }

            var name = root.Identifier("name");
            var currency = root.Has("currency") ? root.Matching("currency", CurrencyForm(), "three upper-case letters") : null;
            var items = new PriceListItems(
                root.Each("keyTypes", "key type", KeyType, required: true), root.Each("features", "feature", Feature),
                root.Each("groups", "group", Group), root.Each("upgradePlans", "upgrade plan", UpgradePlan));
            root.Close();
            return new PriceListFile(name, currency, Checked(items));
        }

        public PriceListItems With(PriceListItems items, PriceListKind kind, string id, PositionedJson json)
        {
            var with = kind switch
            {
                PriceListKind.KeyTypes => items with { KeyTypes = Put(items.KeyTypes, KeyType(json)) },
                PriceListKind.Features => items with { Features = Put(items.Features, Feature(json)) },
                PriceListKind.Groups => items with { Groups = Put(items.Groups, Group(json)) },
                _ => items with { UpgradePlans = Put(items.UpgradePlans, UpgradePlan(json)) },
            };
            if (faults.Count == 0 && !with.Of(kind).Any(item => item.Id == id && _lines.ContainsKey(Place(item.Kind, id))))
            {
                faults.Add(json.Wrong($"The entry is not \"{id}\", for which it was sent."));
            }

            return Checked(with);
        }

        public PriceListItems Without(PriceListItems items, PriceListKind kind, string id) => Checked(kind switch
        {
            PriceListKind.KeyTypes => items with { KeyTypes = Lacking(items.KeyTypes, id) },
            PriceListKind.Features => items with { Features = Lacking(items.Features, id) },
            PriceListKind.Groups => items with { Groups = Lacking(items.Groups, id) },
            _ => items with { UpgradePlans = Lacking(items.UpgradePlans, id) },
        });

        private PriceListItems Checked(PriceListItems items)
        {
            if (faults.Count == 0)
            {
                CheckReferences(items);
            }

            return items;
        }

        // What changes keeps its place, what is new comes last.
        private static List<T> Put<T>(IReadOnlyList<T> items, T item)
            where T : PriceListItem =>
            items.Any(one => one.Id == item.Id) ? [.. items.Select(one => one.Id == item.Id ? item : one)] : [.. items, item];

        private static List<T> Lacking<T>(IReadOnlyList<T> items, string id)
            where T : PriceListItem => [.. items.Where(item => item.Id != id)];

        private KeyTypeItem KeyType(PositionedJson json)
        {
            var members = new Members(json, faults, "key type");
            var id = members.Named();
            var product = members.Text("product", required: true) ?? "";
            var item = new KeyTypeItem
            {
                Id = id,
                Name = members.Text("name", required: true) ?? "",
                Product = product,
                ProductVersion = members.Text("version") is { Length: > 0 } version ? version : null,
                Family = members.Text("family") ?? product.Split(' ')[0].ToLowerInvariant(),
                Prefix = members.Matching("prefix", PrefixForm(), "1 to 16 upper-case letters or digits"),
                Type = members.Word("kind", KeyKind.Main),
                Billing = members.Words<BillingType>("billing", required: true),
                Period = members.Period("period"),
                Activation = members.Word("activation", ActivationRule.None),
                SusMonths = members.SusMonths("susMonths"),
                FileExtension = members.Has("fileExtension") ? members.Matching("fileExtension", ExtensionForm(), "1 to 10 lower-case letters or digits") : "xml",
                Additional = members.Texts("additional"),
                Orderable = members.Flag("orderable", otherwise: true),
                Exportable = members.Flag("exportable", otherwise: true),
                Suspendable = members.Flag("suspendable", otherwise: true),
                Trial = members.Flag("trial"),
                AutoRenew = members.Flag("autoRenew"),
                Vendor = members.Text("vendor"),
                VendorProduct = members.Text("vendorProduct"),
                PreviousVersion = members.Text("previousVersion"),
                Editions = members.Names("editions"),
                ActivationsPerMonth = members.Has("activationsPerMonth") ? members.Whole("activationsPerMonth", 0, 1_000_000) : KeyTypeItem.DefaultActivationsPerMonth,
                Els = members.Flag("els"),
                Features = members.Texts("features"),
                Conflicts = members.Texts("conflicts"),
                Prices = members.Prices(), ValidFrom = members.Date("validFrom"), ValidUntil = members.Date("validUntil"), Skus = members.Skus(),
                Properties = members.Each("properties", "property", Property),
            };
            members.Close();
            Remember(KeyTypeItem.KindWord, item.Id, json);
            return item;
        }

        private FeatureItem Feature(PositionedJson json)
        {
            var members = new Members(json, faults, "feature");
            var item = new FeatureItem
            {
                Id = members.Named(),
                Name = members.Text("name", required: true) ?? "",
                Group = members.Text("group"),
                Sort = members.Whole("sort"),
                KeyTypes = members.Texts("keyTypes", required: true),
                Billing = members.Words<BillingType>("billing"),
                Additional = members.Texts("additional"),
                Conflicts = members.Texts("conflicts"),
                Countable = members.Flag("countable"),
                Els = members.Flag("els"),
                Sus = members.Flag("sus"),
                Prices = members.Prices(), ValidFrom = members.Date("validFrom"), ValidUntil = members.Date("validUntil"), Skus = members.Skus(),
                Properties = members.Each("properties", "property", Property),
            };
            members.Close();
            Remember(FeatureItem.KindWord, item.Id, json);
            return item;
        }

        private FeatureGroupItem Group(PositionedJson json)
        {
            var members = new Members(json, faults, "group");
            var item = new FeatureGroupItem
            {
                Id = members.Named(),
                Description = members.Text("description", required: true) ?? "",
                Mandatory = members.Flag("mandatory"),
                Sort = members.Whole("sort"),
            };
            members.Close();
            Remember(FeatureGroupItem.KindWord, item.Id, json);
            return item;
        }

        private UpgradePlanItem UpgradePlan(PositionedJson json)
        {
            var members = new Members(json, faults, "upgrade plan");
            var item = new UpgradePlanItem
            {
                Id = members.Named(),
                Description = members.Text("description") ?? "",
                From = members.Has("from") ? members.Identifier("from") : null,
                To = members.Has("to") ? members.Identifier("to") : null,
                Sus = members.Word("sus", SusAct.None),
                SusMonths = members.Whole("susMonths"),
                RequiresSus = members.Flag("requiresSus"),
                Billing = members.Words<BillingType>("billing"),
                Accounts = members.Words<AccountKind>("accounts"),
                Prices = members.Prices(), ValidFrom = members.Date("validFrom"), ValidUntil = members.Date("validUntil"), Skus = members.Skus(),
            };
            members.Close();
            Remember(UpgradePlanItem.KindWord, item.Id, json);
            return item;
        }

        private PropertyItem Property(PositionedJson json)
        {
            var members = new Members(json, faults, "property");
            var item = new PropertyItem
            {
                Name = members.Identifier("name"),
                Type = members.Text("type") ?? "string",
                Value = members.Text("value") ?? "",
            };
            members.Close();
            return item;
        }

        private void Remember(string kind, string id, PositionedJson json)
        {
            if (!_lines.TryAdd(Place(kind, id), json.Line))
            {
                faults.Add(json.Wrong($"\"{id}\" stands twice; it stood in line {_lines[Place(kind, id)]} already."));
            }
        }

        private void CheckReferences(PriceListItems items)
        {
            var types = items.KeyTypes.ToDictionary(item => item.Id, StringComparer.Ordinal);
            var features = items.Features.ToDictionary(item => item.Id, StringComparer.Ordinal);
            foreach (var item in items.KeyTypes)
            {
                foreach (var additional in item.Additional)
                {
                    if (types.GetValueOrDefault(additional)?.Type is not (KeyKind.Additional or KeyKind.Feature))
                    {
                        Fault(item, $"\"{additional}\" is no additional key type of this list.");
                    }
                }

                if (item.Type is KeyKind.Additional or KeyKind.Feature && item.Additional.Count > 0)
                {
                    Fault(item, "An additional key type cannot have additional key types.");
                }

                foreach (var feature in item.Features.Where(id => !(features.GetValueOrDefault(id)?.KeyTypes.Contains(item.Id, StringComparer.Ordinal) ?? false)))
                {
                    Fault(item, $"\"{feature}\" is no feature that it may carry.");
                }

                foreach (var (edition, keyType) in item.Editions.Where(e => types.GetValueOrDefault(e.Value)?.Type != KeyKind.Main))
                {
                    Fault(item, $"\"{keyType}\", the edition {edition}, is no main key type of this list.");
                }

                foreach (var unknown in item.Conflicts.Where(id => !types.ContainsKey(id)))
                {
                    Fault(item, $"\"{unknown}\" is no key type of this list.");
                }
            }

            CheckSkus(items);
            foreach (var item in items.Features)
            {
                foreach (var unknown in item.KeyTypes.Where(id => !types.ContainsKey(id)))
                {
                    Fault(item, $"\"{unknown}\" is no key type of this list.");
                }

                if (item.Group is { } group && !items.Groups.Any(g => g.Id == group))
                {
                    Fault(item, $"\"{group}\" is no group of this list.");
                }

                foreach (var additional in item.Additional.Where(id => types.GetValueOrDefault(id)?.Type is not (KeyKind.Additional or KeyKind.Feature)))
                {
                    Fault(item, $"\"{additional}\" is no additional key type of this list.");
                }

                foreach (var unknown in item.Conflicts.Where(id => !features.ContainsKey(id)))
                {
                    Fault(item, $"\"{unknown}\" is no feature of this list.");
                }

                // Orders name features and plans in one list, so that one name cannot mean both.
                if (items.UpgradePlans.Any(plan => plan.Id == item.Id))
                {
                    Fault(item, $"\"{item.Id}\" is also the name of an upgrade plan.");
                }
            }

            foreach (var item in items.UpgradePlans)
            {
                if (Fault(item, types, features) is { } fault)
                {
                    Fault(item, fault);
                }
            }
        }

        private static string? Fault(UpgradePlanItem plan, Dictionary<string, KeyTypeItem> types, Dictionary<string, FeatureItem> features) => plan switch
        {
            { Sus: not SusAct.None, From: null, To: null } => plan.SusMonths is > 0 and <= 120 ? null : "\"susMonths\" must lie between 1 and 120.",
            { Sus: not SusAct.None } => "A plan about software updates has neither \"from\" nor \"to\".",
            { From: null } => "\"from\" is missing; a feature is added under its own name.",
            { To: null } => features.ContainsKey(plan.From) ? null : $"\"{plan.From}\" must be a feature of this list, since \"to\" is missing.",
            _ => (types.ContainsKey(plan.From) && types.ContainsKey(plan.To)) || (features.ContainsKey(plan.From) && features.ContainsKey(plan.To))
                ? null : $"\"{plan.From}\" and \"{plan.To}\" must be two key types or two features of this list.",
        };

        // A partner orders by constant alone: it must say which item, and how it is paid.
        private void CheckSkus(PriceListItems items)
        {
            var taken = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var item in items.All)
            {
                foreach (var (billing, constant) in item.Skus)
                {
                    if (!taken.TryAdd(constant, item.Id))
                    {
                        Fault(item, $"The constant \"{constant}\" is taken by {taken[constant]} already.");
                    }

                    if (item is KeyTypeItem keyType ? !keyType.Billing.Contains(billing) : item is FeatureItem feature && !feature.IsOfferedIn(billing))
                    {
                        Fault(item, $"It has the constant \"{constant}\" for {OrderRules.Word(billing)}, but is not offered so.");
                    }
                }
            }
        }

        // What was in the list before stands on no line.
        private void Fault(PriceListItem item, string reason) => faults.Add(_lines.TryGetValue(Place(item.Kind, item.Id), out var line)
            ? PositionedJson.At(line, $"{item.Id}: {reason}")
            : KeyServerErrors.PriceListBroken.Because($"{item.Id}: {reason}"));

        private static string Place(string kind, string id) => $"{kind} {id}";
    }

    /// <summary>The members of one object; what is missing, of a wrong kind or not known becomes a fault.</summary>
    private sealed class Members
    {
        private readonly PositionedJson _json;
        private readonly List<Error> _faults;
        private readonly Dictionary<string, PositionedJson> _values = new(StringComparer.Ordinal);
        private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
        private string _what;

        public Members(PositionedJson json, List<Error> faults, string what)
        {
            (_json, _faults, _what) = (json, faults, what);
            if (json.Kind != JsonTokenType.StartObject)
            {
                faults.Add(json.Wrong($"An object for {what} was expected."));
            }

            foreach (var (name, value) in json.Members)
            {
                if (!_values.TryAdd(name, value))
                {
                    faults.Add(value.Wrong($"\"{name}\" stands twice."));
                }
            }
        }

        public bool Has(string name) => _values.ContainsKey(name);

        public string Named()
        {
            var id = Identifier("id");
            _what = $"{_what} {id}";
            return id;
        }

        public string? Text(string name, bool required = false)
        {
            if (Get(name, required) is not { } value)
            {
                return null;
            }

            if (value.Kind != JsonTokenType.String || (required && value.Text.Length == 0) || value.Text.Length > 1000 || value.Text.Any(char.IsControl))
            {
                _faults.Add(value.Wrong($"\"{name}\" of {_what} must be a text of at most 1000 characters without line ends."));
                return null;
            }

            return value.Text;
        }

        public string Identifier(string name) => Matching(name, IdentifierForm(), "1 to 128 letters, digits, dots, hyphens or underlines");

        public string Matching(string name, Regex form, string wanted)
        {
            if (Text(name, required: true) is not { } text)
            {
                return "";
            }

            if (!form.IsMatch(text))
            {
                _faults.Add(_values[name].Wrong($"\"{text}\" cannot be the {name} of {_what}: it must be {wanted}."));
            }

            return text;
        }

        public int Whole(string name) => Get(name, false) is { } value ? Whole(value, name) : 0;

        public int Whole(string name, int min, int max)
        {
            var whole = Whole(name);
            if (whole < min || whole > max)
            {
                _faults.Add(_values[name].Wrong(string.Create(CultureInfo.InvariantCulture, $"\"{name}\" of {_what} must lie between {min} and {max}.")));
            }

            return whole;
        }

        public bool Flag(string name, bool otherwise = false)
        {
            var value = Get(name, false);
            if (value is not null && value.Kind is not (JsonTokenType.True or JsonTokenType.False))
            {
                _faults.Add(value.Wrong($"\"{name}\" of {_what} must be true or false."));
            }

            return value is null ? otherwise : value.Kind == JsonTokenType.True;
        }

        public DateOnly? Date(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                _faults.Add(_values[name].Wrong($"\"{text}\" is no date: write 2026-03-09."));
            }

            return date;
        }

        public Period Period(string name)
        {
            if (Text(name, required: true) is not { } text)
            {
                return default;
            }

            if (!KeyServer.Period.TryParse(text, out var period))
            {
                _faults.Add(_values[name].Wrong($"\"{text}\" is no period: write \"30 days\" or \"1 month\"."));
            }

            return period;
        }

        public T Word<T>(string name, T otherwise)
            where T : struct, Enum =>
            Get(name, false) is { } value && Word<T>(value, name) is { } word ? word : otherwise;

        public IReadOnlyList<T> Words<T>(string name, bool required = false)
            where T : struct, Enum =>
            [.. Array(name, required).Select(value => Word<T>(value, name)).OfType<T>().Distinct()];

        public List<string> Texts(string name, bool required = false)
        {
            var texts = new List<string>();
            foreach (var value in Array(name, required))
            {
                if (value.Kind != JsonTokenType.String)
                {
                    _faults.Add(value.Wrong($"\"{name}\" of {_what} must hold texts."));
                }
                else if (!texts.Contains(value.Text, StringComparer.Ordinal))
                {
                    texts.Add(value.Text);
                }
            }

            return texts;
        }

        public SortedDictionary<BillingType, int> SusMonths(string name) => ByBilling(name, value => Bounded(value, name, 120));

        public SortedDictionary<BillingType, int> Prices() => ByBilling("prices", value => Bounded(value, "prices", int.MaxValue));

        public SortedDictionary<BillingType, string> Skus() => ByBilling("skus", value =>
        {
            if (value.Kind != JsonTokenType.String || !IdentifierForm().IsMatch(value.Text))
            {
                _faults.Add(value.Wrong($"\"skus\" of {_what} must hold 1 to 128 letters, digits, dots, hyphens or underlines."));
            }

            return value.Text;
        });

        /// <summary>An object whose members name identifiers.</summary>
        public SortedDictionary<string, string> Names(string name)
        {
            var named = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (word, value) in Get(name, false)?.Members ?? [])
            {
                if (value.Kind != JsonTokenType.String || !IdentifierForm().IsMatch(value.Text))
                {
                    _faults.Add(value.Wrong($"\"{word}\" under \"{name}\" of {_what} must be 1 to 128 letters, digits, dots, hyphens or underlines."));
                }
                else if (!named.TryAdd(word, value.Text))
                {
                    _faults.Add(value.Wrong($"\"{word}\" stands twice."));
                }
            }

            return named;
        }

        public List<T> Each<T>(string name, string what, Func<PositionedJson, T> read, bool required = false)
        {
            var items = Array(name, required).Select(read).ToList();
            if (items.Count > 10_000)
            {
                _faults.Add(_values[name].Wrong($"More than 10,000 items stand under \"{name}\" ({what})."));
            }

            return items;
        }

        public void Close()
        {
            foreach (var (name, value) in _json.Members)
            {
                if (!_asked.Contains(name))
                {
                    _faults.Add(value.Wrong($"\"{name}\" is not known for {_what}."));
                }
            }
        }

        private PositionedJson? Get(string name, bool required)
        {
            _asked.Add(name);
            var value = _values.GetValueOrDefault(name);
            if (value is null && required && _json.Kind == JsonTokenType.StartObject)
            {
                _faults.Add(_json.Wrong($"\"{name}\" of {_what} is missing."));
            }

            return value;
        }

        private List<PositionedJson> Array(string name, bool required)
        {
            var value = Get(name, required);
            if (value is not null && (value.Kind != JsonTokenType.StartArray || (required && value.Items.Count == 0)))
            {
                _faults.Add(value.Wrong($"\"{name}\" of {_what} must be a list{(required ? " with at least one entry" : "")}."));
            }

            return value?.Items ?? [];
        }

        private SortedDictionary<BillingType, T> ByBilling<T>(string name, Func<PositionedJson, T> read)
        {
            var values = new SortedDictionary<BillingType, T>();
            foreach (var (word, value) in Get(name, false)?.Members ?? [])
            {
                if (word is "lease" or "purchase" && Enum.TryParse<BillingType>(word, ignoreCase: true, out var billing))
                {
                    values[billing] = read(value);
                }
                else
                {
                    _faults.Add(value.Wrong($"\"{word}\" is no billing type: write lease or purchase."));
                }
            }

            return values;
        }

        private int Bounded(PositionedJson value, string name, int max)
        {
            var number = Whole(value, name);
            if (number < 0 || number > max)
            {
                _faults.Add(value.Wrong(string.Create(CultureInfo.InvariantCulture, $"\"{name}\" of {_what} must lie between 0 and {max}.")));
            }

            return number;
        }

        private int Whole(PositionedJson value, string name)
        {
            if (value.Kind != JsonTokenType.Number || !int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                _faults.Add(value.Wrong($"\"{name}\" of {_what} must be a whole number."));
                return 0;
            }

            return number;
        }

        private static string Spelled(string word) => JsonNamingPolicy.CamelCase.ConvertName(word);

        private T? Word<T>(PositionedJson value, string name)
            where T : struct, Enum
        {
            if (value.Kind == JsonTokenType.String && Enum.GetNames<T>().Any(word => Spelled(word) == value.Text))
            {
                return Enum.Parse<T>(value.Text, ignoreCase: true);
            }

            _faults.Add(value.Wrong($"\"{name}\" of {_what} must be one of {string.Join(", ", Enum.GetNames<T>().Select(Spelled))}."));
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IdentifierForm();

    [GeneratedRegex(@"^[A-Z0-9]{1,16}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PrefixForm();

    [GeneratedRegex(@"^[A-Z]{3}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CurrencyForm();

    [GeneratedRegex(@"^[a-z0-9]{1,10}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ExtensionForm();
}
