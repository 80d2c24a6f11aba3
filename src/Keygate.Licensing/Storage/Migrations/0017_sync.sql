-- oldest-program: 0.1.0
-- What a comparison with the issuer found. A license without a row is as the last whole pass over its issuer found it: in sync.
create table license_syncs (
  license_id {int} primary key references licenses(id),
  at {time} not null,
  in_sync {bool} not null,
  shown {json},
  differences {json} not null);
create index license_syncs_out on license_syncs(in_sync, license_id);

-- What a person decided about a difference, as long as the issuer has the same value.
create table license_sync_decisions (
  license_id {int} not null references licenses(id),
  field {text} not null,
  theirs {text} not null,
  decision {text} not null,
  reason {text} not null,
  actor {text} not null,
  at {time} not null,
  primary key (license_id, field));

-- Comparisons of many licenses with one issuer.
create table sync_runs (
  id {id},
  issuer_id {int} not null,
  ids {json},
  cursor {text},
  started_at {time} not null,
  ended_at {time},
  cancelled {bool} not null default false,
  compared {int} not null default 0,
  differing {int} not null default 0,
  strays {int} not null default 0);
create index sync_runs_issuer on sync_runs(issuer_id, id);

-- Live keys at an issuer that no license here has.
create table stray_keys (
  id {id},
  issuer_id {int} not null,
  stem {text} not null,
  key_number {text} not null,
  key_type {text} not null,
  features {json} not null,
  found_at {time} not null,
  seen_at {time} not null,
  ignored {text},
  unique (issuer_id, stem));

create index licenses_issuer_key on licenses(issuer_id, key_number);
