using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>Refusals of the catalog.</summary>
public static class CatalogErrors
{
    // What is asked of a license.

    public static readonly Error ClassUnknown = new("catalog.class-unknown", ErrorKind.Invalid,
        "The catalog has no such license class", "Choose a key type that the catalog has, or add the license class first.");

    public static readonly Error ClassArchived = new("catalog.class-archived", ErrorKind.Conflict,
        "The license class is archived", "Choose another license class, or put this one back.");

    public static readonly Error ClassAdditional = new("catalog.class-additional", ErrorKind.Invalid,
        "The license class is additional and cannot be ordered alone", "Order a main license class with this one as add-on.");

    public static readonly Error FeatureUnknown = new("catalog.feature-unknown", ErrorKind.Invalid,
        "The catalog has no such feature", "Choose a feature that the catalog has, or add the feature first.");

    public static readonly Error FeatureArchived = new("catalog.feature-archived", ErrorKind.Conflict,
        "The feature is archived", "Choose another feature, or put this one back.");

    public static readonly Error FeatureForeign = new("catalog.feature-foreign", ErrorKind.Invalid,
        "The feature does not belong to the license class", "Choose a feature of the license class, or add the feature to the class.");

    public static readonly Error FeatureTwice = new("catalog.feature-twice", ErrorKind.Invalid,
        "A feature is named twice", "Name each feature once.");

    public static readonly Error FeatureGroupTaken = new("catalog.feature-group-taken", ErrorKind.Invalid,
        "A license has one feature of a group at most", "Keep one feature of the group.");

    public static readonly Error FeatureGroupMissing = new("catalog.feature-group-missing", ErrorKind.Invalid,
        "A feature of a mandatory group is missing", "Add one feature of the group.");

    public static readonly Error AddOnNotAdditional = new("catalog.add-on-not-additional", ErrorKind.Invalid,
        "The license class is not additional", "Name an additional license class as add-on; order a main one by itself.");

    public static readonly Error AddOnForeign = new("catalog.add-on-foreign", ErrorKind.Invalid,
        "The additional license class does not go with this license class", "Choose an add-on of the license class, or relate the two in the catalog.");

    public static readonly Error AddOnTwice = new("catalog.add-on-twice", ErrorKind.Invalid,
        "An add-on is named twice", "Name each add-on once.");

    // What the catalog itself must keep to.

    public static readonly Error EntryNotFound = new("catalog.entry-not-found", ErrorKind.NotFound,
        "The catalog has no such entry", "Look up the code in the catalog's list.");

    public static readonly Error EntryArchived = new("catalog.entry-archived", ErrorKind.Conflict,
        "The entry is archived already", "Leave it as it is, or add it again to put it back.");

    public static readonly Error CodeTaken = new("catalog.code-taken", ErrorKind.Conflict,
        "The catalog has this already", "Choose another code; an archived entry can be put back.");

    public static readonly Error CodeMalformed = new("catalog.code-malformed", ErrorKind.Invalid,
        "A code is not well formed", "Use 1 to 100 letters, digits and _ - . : + characters, beginning with a letter or digit, as the issuer spells it.");

    public static readonly Error ValueMissing = new("catalog.value-missing", ErrorKind.Invalid,
        "A value is missing", "Give the value.");

    public static readonly Error ValueMalformed = new("catalog.value-malformed", ErrorKind.Invalid,
        "A value is not well formed", "Correct the value.");

    public static readonly Error GroupUnknown = new("catalog.group-unknown", ErrorKind.Invalid,
        "The catalog has no such feature group", "Name a group that the catalog has, or add the group first.");

    public static readonly Error GroupInUse = new("catalog.group-in-use", ErrorKind.Conflict,
        "A feature group with features cannot be archived", "Archive its features first, or move them to another group.");

    public static readonly Error AddOnParentAdditional = new("catalog.add-on-parent-additional", ErrorKind.Invalid,
        "An additional license class cannot have add-ons", "Relate the add-on to a main license class.");

    public static readonly Error UpgradeEndUnknown = new("catalog.upgrade-end-unknown", ErrorKind.Invalid,
        "An upgrade option names neither a license class nor a feature", "Name two license classes or two features that the catalog has.");

    public static readonly Error UpgradeMixed = new("catalog.upgrade-mixed", ErrorKind.Invalid,
        "An upgrade option must lead from a class to a class or from a feature to a feature", "Name two different main classes, two different additional classes or two different features.");

    public static readonly Error UpgradeAcrossGroups = new("catalog.upgrade-across-groups", ErrorKind.Invalid,
        "A feature can only be turned into one of its own group", "Name two features of the same group.");

    public static readonly Error UpgradeAgainstSort = new("catalog.upgrade-against-sort", ErrorKind.Invalid,
        "An upgrade leads to the same or a higher sort number, a downgrade to the same or a lower one", "Exchange the two features, change the option's type, or correct the sort numbers.");

    // Catalog files.

    public static readonly Error FileBroken = new("catalog.file-broken", ErrorKind.Invalid,
        "The catalog file is not JSON", "Correct the file at the line that is named; nothing was imported.");

    public static readonly Error FileFormatUnknown = new("catalog.file-format-unknown", ErrorKind.Invalid,
        "The file does not say that it is a catalog file", "Begin the file with \"format\": \"keygate-catalog/1\"; nothing was imported.");

    public static readonly Error FileMemberWrong = new("catalog.file-member-wrong", ErrorKind.Invalid,
        "The catalog file has a member that is missing, unknown or of the wrong type", "Correct the file at the line that is named; nothing was imported.");

    public static readonly Error FileTooLarge = new("catalog.file-too-large", ErrorKind.Limit,
        "The catalog file is too large", "A catalog file has 8 MB at most; check that it is the right file.");

    public static readonly Error UpgradeMissing = new("catalog.upgrade-missing", ErrorKind.Conflict,
        "Could not find appropriate Upgrade Plan", "Add the upgrade option to the catalog, or enable it.");

    public static readonly Error ChangesNothing = new("catalog.changes-nothing", ErrorKind.Invalid,
        "The change changes nothing", "Name a class, features or additional licenses other than the present ones.");
}
