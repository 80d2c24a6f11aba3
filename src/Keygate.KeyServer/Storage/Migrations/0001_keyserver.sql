-- oldest-program: 0.1.0
create table price_lists (
  id {id},
  name {text} not null unique,
  version {int} not null,
  changed_by {text} not null,
  created_at {time} not null,
  changed_at {time} not null);

-- Items are always read whole, as one snapshot of their list, so their contents stay a document. Nothing is deleted: keys of
-- a withdrawn key type live on.
create table price_list_items (
  price_list_id {int} not null references price_lists(id),
  kind {text} not null,
  identifier {text} not null,
  position {int} not null,
  withdrawn {bool} not null,
  definition {json} not null,
  primary key (price_list_id, kind, identifier));

create table clients (
  id {id},
  login {text} not null unique,
  name {text} not null,
  price_list_id {int} not null references price_lists(id),
  default_billing {text} not null,
  created_by {text} not null,
  created_at {time} not null,
  changed_at {time} not null);

create table api_logins (
  id {id},
  client_id {int} not null references clients(id),
  login {text} not null unique,
  fingerprint {bytes} not null,
  role {text} not null,
  enabled {bool} not null,
  created_by {text} not null,
  created_at {time} not null,
  changed_at {time} not null);
create index api_logins_client on api_logins(client_id, id);

-- The id is the key's eight-digit number: one sequence over all prefixes.
create table keys (
  id {id},
  prefix {text} not null,
  revision {int} not null,
  client_id {int} not null references clients(id),
  price_list_id {int} not null references price_lists(id),
  key_type {text} not null,
  kind {text} not null,
  billing {text} not null,
  parent_id {int} references keys(id),
  activation_code {text} not null unique,
  activation {text} not null,
  activated_at {time},
  activated_for {text},
  start_date {date} not null,
  terms {int} not null,
  update_date {date} not null,
  expiration_date {date} not null,
  sus_date {date},
  update_ticket {text} not null,
  problem {bool} not null,
  terminated_at {time},
  reported_at {time},
  reported_version {text},
  created_at {time} not null,
  changed_at {time} not null);
create index keys_client on keys(client_id, id);
create index keys_parent on keys(parent_id) where parent_id is not null;
create index keys_activated_for on keys(activated_for) where activated_for is not null;

create table key_features (
  key_id {int} not null references keys(id),
  feature {text} not null,
  primary key (key_id, feature));

-- Addresses in one spelling each, so that an index finds them; source says who named them: given, bound or reported.
create table key_addresses (
  key_id {int} not null references keys(id),
  source {text} not null,
  address {text} not null,
  primary key (key_id, source, address));
create index key_addresses_address on key_addresses(address, key_id);

-- Only there to be locked: two activations for one hardware id must take turns.
create table hardware_ids (
  hardware_id {text} primary key);

-- The file of a revision is signed once and handed out unchanged ever after.
create table key_files (
  key_id {int} not null references keys(id),
  revision {int} not null,
  signing_key_id {text} not null,
  content {bytes} not null,
  created_at {time} not null,
  primary key (key_id, revision));

create table key_history (
  id {bigid},
  key_id {int} not null references keys(id),
  revision {int} not null,
  act {text} not null,
  detail {text} not null,
  actor {text} not null,
  at {time} not null);
create index key_history_key on key_history(key_id, id);

create table signing_keys (
  id {id},
  name {text} not null unique,
  algorithm {text} not null,
  state {text} not null,
  certificate {text} not null,
  private_key {bytes} not null,
  created_at {time} not null,
  changed_at {time} not null);
create unique index signing_keys_active on signing_keys(state) where state = 'Active';

create table tls_certificates (
  name {text} primary key,
  certificate {text} not null,
  private_key {bytes} not null,
  created_at {time} not null);
