-- oldest-program: 0.1.0
-- Vendors of third-party products, whose endpoints give the license bodies of their keys.
create table vendors (
  id {id},
  name {text} not null unique,
  url {text} not null,
  credentials {text},
  repeats {bool} not null,
  reports_usage {bool} not null,
  test_mode {bool} not null,
  enabled {bool} not null,
  created_by {text} not null,
  created_at {time} not null,
  changed_at {time} not null);

alter table keys add column vendor_id {int} references vendors(id);
alter table keys add column awaits_vendor {bool} not null default false;

-- The license bodies that vendors gave, opaque to us; each holds from its revision on.
create table vendor_licenses (
  key_id {int} not null references keys(id),
  revision {int} not null,
  body {bytes} not null,
  created_at {time} not null,
  primary key (key_id, revision));

-- What a vendor is or was asked. A key has one open act at a time; what it changes here happens in the commit of the answer.
create table vendor_acts (
  id {id},
  key_id {int} not null references keys(id),
  vendor_id {int} not null references vendors(id),
  action {text} not null,
  change {json} not null,
  state {text} not null,
  detail {text} not null,
  work_id {long},
  actor {text} not null,
  created_at {time} not null,
  changed_at {time} not null);
create unique index vendor_acts_open on vendor_acts(key_id) where state = 'Open';
create index vendor_acts_key on vendor_acts(key_id, id);
create index vendor_acts_unended on vendor_acts(id) where state = 'Open';
