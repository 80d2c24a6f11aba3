using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>The catalog's tables.</summary>
internal static class CatalogStore
{
    public static Task<long> StampAsync(Session session, CancellationToken cancellation) =>
        session.GetAsync<long>("select stamp from catalog_stamp where id = 1", null, cancellation);

    /// <summary>Writers take their turn on the stamp's row, so that what one checked still holds when it writes.</summary>
    public static Task<long> LockAsync(Tx tx, CancellationToken cancellation)
    {
        Forget(tx);
        return tx.GetAsync<long>($"select stamp from catalog_stamp where id = 1{tx.Dialect.ForUpdate}", null, cancellation);
    }

    public static Task SetStampAsync(Tx tx, long stamp, CancellationToken cancellation)
    {
        Forget(tx);
        return tx.ExecuteAsync("update catalog_stamp set stamp = @stamp where id = 1", new { stamp }, cancellation);
    }

    private static void Forget(Tx tx) => tx.Know<CatalogView>("catalog", null);

    public static async Task<CatalogContents> LoadAsync(Session session, CancellationToken cancellation)
    {
        var groups = await session.QueryAsync<GroupRow>("select id, description, sort, mandatory, archived_at from feature_groups", null, cancellation);
        var classes = await session.QueryAsync<ClassRow>(
            """
            select key_type, name, product, product_version, description, bill_type, is_additional, renewed_automatically, aps_license_type,
              activation, archived_at
            from license_classes
            """, null, cancellation);
        var features = await session.QueryAsync<FeatureRow>("select id, name, group_id, sort, archived_at from features", null, cancellation);
        var relations = await session.QueryAsync<ClassFeatureRow>("select key_type, feature_id, archived_at from class_features", null, cancellation);
        var addOns = await session.QueryAsync<AddOnRow>("select parent, add_on, archived_at from add_ons", null, cancellation);
        var upgrades = await session.QueryAsync<UpgradeRow>(
            "select from_code, to_code, upgrade_plan, description, upgrade_type, enabled, archived_at from upgrade_options", null, cancellation);

        return CatalogContents.Of(
        [
            .. groups.Select(r => new FeatureGroup { Id = r.Id, Description = r.Description, Sort = r.Sort, Mandatory = r.Mandatory, ArchivedAt = r.ArchivedAt }),
            .. classes.Select(r => new LicenseClass
            {
                KeyType = r.KeyType, Name = r.Name, Product = r.Product, Version = r.ProductVersion, Description = r.Description,
                BillType = Enum.Parse<BillType>(r.BillType), IsAdditional = r.IsAdditional, RenewedAutomatically = r.RenewedAutomatically,
                ApsLicenseType = r.ApsLicenseType, Activation = Enum.Parse<Activation>(r.Activation), ArchivedAt = r.ArchivedAt,
            }),
            .. features.Select(r => new Feature { Id = r.Id, Name = r.Name, Group = r.GroupId, Sort = r.Sort, ArchivedAt = r.ArchivedAt }),
            .. relations.Select(r => new ClassFeature { KeyType = r.KeyType, FeatureId = r.FeatureId, ArchivedAt = r.ArchivedAt }),
            .. addOns.Select(r => new AddOn { Parent = r.Parent, KeyType = r.AddOn, ArchivedAt = r.ArchivedAt }),
            .. upgrades.Select(r => new UpgradeOption
            {
                From = r.FromCode, To = r.ToCode, Plan = r.UpgradePlan, Description = r.Description,
                Type = Enum.Parse<UpgradeType>(r.UpgradeType), Enabled = r.Enabled, ArchivedAt = r.ArchivedAt,
            }),
        ]);
    }

    /// <summary>Writes one entry, new or changed.</summary>
    public static Task SaveAsync(Tx tx, CatalogEntry entry, DateTimeOffset now, CancellationToken cancellation)
    {
        var (sql, parameters) = entry switch
        {
            LicenseClass c => (
                """
                insert into license_classes(key_type, name, product, product_version, description, bill_type, is_additional,
                  renewed_automatically, aps_license_type, activation, archived_at, created_at, changed_at, version)
                values (@KeyType, @Name, @Product, @Version, @Description, @BillType, @IsAdditional,
                  @RenewedAutomatically, @ApsLicenseType, @Activation, @ArchivedAt, @now, @now, 1)
                on conflict (key_type) do update set name = excluded.name, product = excluded.product,
                  product_version = excluded.product_version, description = excluded.description, bill_type = excluded.bill_type,
                  is_additional = excluded.is_additional, renewed_automatically = excluded.renewed_automatically,
                  aps_license_type = excluded.aps_license_type, activation = excluded.activation, archived_at = excluded.archived_at,
                  changed_at = excluded.changed_at, version = license_classes.version + 1
                """,
                (object)new
                {
                    c.KeyType, c.Name, c.Product, c.Version, c.Description, BillType = c.BillType.ToString(), c.IsAdditional,
                    c.RenewedAutomatically, c.ApsLicenseType, Activation = c.Activation.ToString(), c.ArchivedAt, now,
                }),
            FeatureGroup g => (
                """
                insert into feature_groups(id, description, sort, mandatory, archived_at, created_at, changed_at, version)
                values (@Id, @Description, @Sort, @Mandatory, @ArchivedAt, @now, @now, 1)
                on conflict (id) do update set description = excluded.description, sort = excluded.sort, mandatory = excluded.mandatory,
                  archived_at = excluded.archived_at, changed_at = excluded.changed_at, version = feature_groups.version + 1
                """,
                new { g.Id, g.Description, g.Sort, g.Mandatory, g.ArchivedAt, now }),
            Feature f => (
                """
                insert into features(id, name, group_id, sort, archived_at, created_at, changed_at, version)
                values (@Id, @Name, @Group, @Sort, @ArchivedAt, @now, @now, 1)
                on conflict (id) do update set name = excluded.name, group_id = excluded.group_id, sort = excluded.sort,
                  archived_at = excluded.archived_at, changed_at = excluded.changed_at, version = features.version + 1
                """,
                new { f.Id, f.Name, f.Group, f.Sort, f.ArchivedAt, now }),
            ClassFeature r => (
                """
                insert into class_features(key_type, feature_id, archived_at, created_at, changed_at, version)
                values (@KeyType, @FeatureId, @ArchivedAt, @now, @now, 1)
                on conflict (key_type, feature_id) do update set archived_at = excluded.archived_at, changed_at = excluded.changed_at,
                  version = class_features.version + 1
                """,
                new { r.KeyType, r.FeatureId, r.ArchivedAt, now }),
            AddOn a => (
                """
                insert into add_ons(parent, add_on, archived_at, created_at, changed_at, version)
                values (@Parent, @KeyType, @ArchivedAt, @now, @now, 1)
                on conflict (parent, add_on) do update set archived_at = excluded.archived_at, changed_at = excluded.changed_at,
                  version = add_ons.version + 1
                """,
                new { a.Parent, a.KeyType, a.ArchivedAt, now }),
            UpgradeOption o => (
                """
                insert into upgrade_options(from_code, to_code, upgrade_plan, description, upgrade_type, enabled, archived_at, created_at, changed_at, version)
                values (@From, @To, @Plan, @Description, @Type, @Enabled, @ArchivedAt, @now, @now, 1)
                on conflict (from_code, to_code) do update set upgrade_plan = excluded.upgrade_plan, description = excluded.description,
                  upgrade_type = excluded.upgrade_type, enabled = excluded.enabled, archived_at = excluded.archived_at,
                  changed_at = excluded.changed_at, version = upgrade_options.version + 1
                """,
                new { o.From, o.To, o.Plan, o.Description, Type = o.Type.ToString(), o.Enabled, o.ArchivedAt, now }),
            _ => throw new InvalidOperationException($"The catalog does not keep a {entry.GetType().Name}."),
        };
        return tx.ExecuteAsync(sql, parameters, cancellation);
    }

    private sealed class ClassRow
    {
        public string KeyType { get; init; } = "";
        public string Name { get; init; } = "";
        public string Product { get; init; } = "";
        public string ProductVersion { get; init; } = "";
        public string Description { get; init; } = "";
        public string BillType { get; init; } = "";
        public bool IsAdditional { get; init; }
        public bool RenewedAutomatically { get; init; }
        public string? ApsLicenseType { get; init; }
        public string Activation { get; init; } = "";
        public DateTimeOffset? ArchivedAt { get; init; }
    }

    private sealed class GroupRow
    {
        public string Id { get; init; } = "";
        public string Description { get; init; } = "";
        public int Sort { get; init; }
        public bool Mandatory { get; init; }
        public DateTimeOffset? ArchivedAt { get; init; }
    }

    private sealed class FeatureRow
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string? GroupId { get; init; }
        public int Sort { get; init; }
        public DateTimeOffset? ArchivedAt { get; init; }
    }

    private sealed class ClassFeatureRow
    {
        public string KeyType { get; init; } = "";
        public string FeatureId { get; init; } = "";
        public DateTimeOffset? ArchivedAt { get; init; }
    }

    private sealed class AddOnRow
    {
        public string Parent { get; init; } = "";
        public string AddOn { get; init; } = "";
        public DateTimeOffset? ArchivedAt { get; init; }
    }

    private sealed class UpgradeRow
    {
        public string FromCode { get; init; } = "";
        public string ToCode { get; init; } = "";
        public string UpgradePlan { get; init; } = "";
        public string Description { get; init; } = "";
        public string UpgradeType { get; init; } = "";
        public bool Enabled { get; init; }
        public DateTimeOffset? ArchivedAt { get; init; }
    }
}
