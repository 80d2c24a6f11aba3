-- oldest-program: 0.1.0
-- One row: a mark of the catalog's contents that is never the same twice, and the lock that writers take in turn.
create table catalog_stamp (
  id {int} primary key,
  stamp {long} not null);
insert into catalog_stamp(id, stamp) values (1, 0);

create table license_classes (
  key_type {text} primary key,
  name {text} not null,
  product {text} not null,
  product_version {text} not null,
  description {text} not null,
  bill_type {text} not null,
  is_additional {bool} not null,
  renewed_automatically {bool} not null,
  aps_license_type {text},
  activation {text} not null,
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null);

create table feature_groups (
  id {text} primary key,
  description {text} not null,
  sort {int} not null,
  mandatory {bool} not null,
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null);

create table features (
  id {text} primary key,
  name {text} not null,
  group_id {text} references feature_groups(id),
  sort {int} not null,
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null);

create table class_features (
  key_type {text} not null references license_classes(key_type),
  feature_id {text} not null references features(id),
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null,
  primary key (key_type, feature_id));

create table add_ons (
  parent {text} not null references license_classes(key_type),
  add_on {text} not null references license_classes(key_type),
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null,
  primary key (parent, add_on));

-- From and to name two license classes or two features, so no foreign key can hold them.
create table upgrade_options (
  from_code {text} not null,
  to_code {text} not null,
  upgrade_plan {text} not null,
  description {text} not null,
  upgrade_type {text} not null,
  enabled {bool} not null,
  archived_at {time},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null,
  primary key (from_code, to_code));
