-- oldest-program: 0.1.0
-- What a key signs: licenses (files and tokens), tokens alone, or, as the root, the trust bundle and the status lists. Of a given key the private part
-- lies elsewhere.
alter table signing_keys add column purpose {text} not null default 'License';
alter table signing_keys add column origin {text} not null default 'Made';
alter table signing_keys add column changed_by {text} not null default 'keygate';
alter table signing_keys add column reason {text} not null default '';
alter table signing_keys add column revoked_at {time};
drop index signing_keys_active;
create unique index signing_keys_active on signing_keys(purpose) where state = 'Active';

-- The one trust bundle: changes rises with every change of what it says, number with every bundle that is signed.
create table trust_bundle (
  id {int} primary key,
  changes {int} not null,
  number {int} not null,
  number_min {int} not null,
  signed_changes {int} not null,
  signed_revoked {int} not null,
  root {text} not null,
  content {text} not null);

-- A list for each shard of key numbers that was ever asked for or changed.
create table status_lists (
  shard {int} primary key,
  changes {int} not null,
  number {int} not null,
  signed_changes {int} not null,
  number_min {int} not null,
  root {text} not null,
  content {text} not null,
  issued_at {time},
  expires_at {time});

-- Keys that are not good; all others have no row.
create table key_statuses (
  key_id {int} primary key references keys(id),
  status {text} not null,
  reason {text} not null,
  changed_by {text} not null,
  changed_at {time} not null);

-- The token of a revision, signed once as its file is.
create table key_tokens (
  key_id {int} not null references keys(id),
  revision {int} not null,
  signing_key_id {text} not null,
  content {bytes} not null,
  created_at {time} not null,
  primary key (key_id, revision));

-- For signing anew what a key has signed.
create index key_files_signing_key on key_files(signing_key_id, key_id);
create index key_previous_files_signing_key on key_previous_files(signing_key_id, key_id);
create index key_tokens_signing_key on key_tokens(signing_key_id, key_id);
