using Keygate.Catalog;
using Keygate.Orders;

namespace Keygate.Tests.Orders;

/// <summary>A small hosting catalog and a plan over it.</summary>
internal static class Hosting
{
    public const string Plesk = "PLESK_10_FOR_VZ";
    public const string Virtuozzo = "VIRTUOZZO_4";
    public const string Antivirus = "ANTIVIRUS";
    public const string Activated = "SITEBUILDER_4";
    public const string Domains10 = "10_DOMAINS";
    public const string Domains30 = "30_DOMAINS";
    public const string Languages2 = "2_LANGUAGES";
    public const string Containers = "10_CONTAINERS";

    public static readonly CatalogContents Contents = new()
    {
        Classes =
        [
            new LicenseClass { KeyType = Plesk, Name = "Plesk 10 for Virtuozzo", Product = "Plesk", Version = "10", BillType = BillType.Lease },
            new LicenseClass { KeyType = Virtuozzo, Name = "Virtuozzo 4", Product = "Virtuozzo", Version = "4", BillType = BillType.Lease },
            new LicenseClass { KeyType = Antivirus, Name = "Anti-virus for Plesk", Product = "Anti-virus", BillType = BillType.Lease, IsAdditional = true },
            new LicenseClass { KeyType = Activated, Name = "Sitebuilder 4", Product = "Sitebuilder", Version = "4", BillType = BillType.Purchase, Activation = Activation.HardwareId },
        ],
        Groups =
        [
            new FeatureGroup { Id = "DOMAINS", Description = "Domain Limit", Sort = 1, Mandatory = true },
            new FeatureGroup { Id = "LANGUAGES", Description = "Language Packs", Sort = 2 },
            new FeatureGroup { Id = "CONTAINERS", Description = "Containers", Sort = 3 },
        ],
        Features =
        [
            new Feature { Id = Domains10, Name = "10 domains", Group = "DOMAINS", Sort = 10 },
            new Feature { Id = Domains30, Name = "30 domains", Group = "DOMAINS", Sort = 30 },
            new Feature { Id = Languages2, Name = "2 language packs", Group = "LANGUAGES", Sort = 2 },
            new Feature { Id = Containers, Name = "10 containers", Group = "CONTAINERS", Sort = 10 },
        ],
        ClassFeatures =
        [
            new ClassFeature { KeyType = Plesk, FeatureId = Domains10 },
            new ClassFeature { KeyType = Plesk, FeatureId = Domains30 },
            new ClassFeature { KeyType = Plesk, FeatureId = Languages2 },
            new ClassFeature { KeyType = Virtuozzo, FeatureId = Containers },
        ],
        AddOns = [new AddOn { Parent = Plesk, KeyType = Antivirus }],
    };

    public static CatalogView View => new(Contents);

    public static IReadOnlyList<Resource> Resources => [.. ResourceStoreRows().Select((r, i) => new Resource
    {
        Id = ResourceId.Of(i + 1), Gate = r.Gate, Command = r.Command, Kind = r.Kind, Name = r.Name, Category = r.Category,
    })];

    public static Plan Plan(params (string Command, int Min, int Max, int Included, long Setup, long Recurring)[] rates) => new()
    {
        Id = PlanId.Of(1),
        Name = "Virtual server",
        Currency = "EUR",
        Published = true,
        Periods = [new PlanPeriod { Id = PlanPeriodId.Of(1), Period = 1, PeriodType = PeriodType.Month, SetupFee = 500, SubscriptionFee = 990, RenewalFee = 990 }],
        Rates = [.. rates.Select((rate, i) =>
        {
            var resource = Resources.First(r => r.Command == rate.Command);
            return new Rate
            {
                Id = RateId.Of(i + 1), ResourceId = resource.Id, Gate = resource.Gate, Command = resource.Command, Kind = resource.Kind, Name = resource.Name,
                Category = resource.Category, MinUnits = rate.Min, MaxUnits = rate.Max, IncludedUnits = rate.Included, SetupFee = rate.Setup, RecurringFee = rate.Recurring,
            };
        })],
    };

    private static IEnumerable<Resource> ResourceStoreRows() =>
        Keygate.Orders.Storage.ResourceStore.Missing([], View).Append(new Resource { Gate = Gates.Dummy, Command = "DISK", Kind = ResourceKind.Other, Name = "Disk space", Category = "Hosting" });
}
