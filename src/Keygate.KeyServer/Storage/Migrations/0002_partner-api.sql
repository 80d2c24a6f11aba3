-- oldest-program: 0.1.0
-- Accounts: a client may stand below another, whose logins reach its keys.
alter table clients add column parent_id {int} references clients(id);
alter table clients add column account {text} not null default 'Client';
alter table clients add column problem {bool} not null default false;
alter table clients add column confirmed {bool} not null default true;
alter table clients add column unpriced {bool} not null default false;
alter table clients add column password_hash {text};
alter table clients add column first_name {text} not null default '';
alter table clients add column last_name {text} not null default '';
alter table clients add column company {text} not null default '';
alter table clients add column address {text} not null default '';
alter table clients add column email {text} not null default '';
alter table clients add column phone {text} not null default '';
alter table clients add column fax {text} not null default '';
alter table clients add column city {text} not null default '';
alter table clients add column zip {text} not null default '';
alter table clients add column state {text} not null default '';
alter table clients add column country {text} not null default '';
alter table clients add column language {text} not null default '';
alter table clients add column email_language {text} not null default '';

-- Who is within whose reach, each client itself included, so that a reach of any depth is one look-up.
create table client_reach (
  ancestor_id {int} not null references clients(id),
  client_id {int} not null references clients(id),
  primary key (ancestor_id, client_id));
create index client_reach_client on client_reach(client_id);
insert into client_reach(ancestor_id, client_id) select id, id from clients;

-- Null for a list without prices.
alter table price_lists add column currency {text};

alter table api_logins add column feature_keys {bool} not null default true;
alter table api_logins add column denied_methods {text} not null default '';
alter table api_logins add column addresses {text} not null default '';
alter table api_logins add column calls_per_minute {int};

create table product_configurations (
  id {id},
  client_id {int} not null references clients(id),
  name {text} not null,
  enabled {bool} not null,
  family {text} not null,
  properties {json} not null,
  created_by {text} not null,
  created_at {time} not null,
  changed_at {time} not null,
  unique (client_id, name));

alter table keys add column nickname {text};
alter table keys add column external_id {text};
alter table keys add column auto_renew {bool} not null default false;
alter table keys add column restrict_address {bool} not null default false;
alter table keys add column product_configuration_id {int} references product_configurations(id);
alter table keys add column reported_os {text};
alter table keys add column activations_left {int};
alter table keys add column activations_month {text};
create index keys_nickname on keys(client_id, nickname) where nickname is not null;

-- A feature may be paid otherwise than its key; null stands for the key's own billing type.
alter table key_features add column billing {text};
alter table key_features add column quantity {int} not null default 1;
alter table key_features add column external_id {text};

-- An address holds one key.
create unique index key_addresses_bound on key_addresses(address) where source = 'Bound';

-- The same revision for the previous version of the product, made only where somebody asks for it.
create table key_previous_files (
  key_id {int} not null references keys(id),
  revision {int} not null,
  signing_key_id {text} not null,
  content {bytes} not null,
  created_at {time} not null,
  primary key (key_id, revision));

create table key_notes (
  id {bigid},
  key_id {int} not null references keys(id),
  note {text} not null,
  author {text} not null,
  at {time} not null);
create index key_notes_key on key_notes(key_id, id);

-- What the product reported last.
create table key_usage (
  key_id {int} primary key references keys(id),
  resellers {int} not null,
  clients {int} not null,
  domains {int} not null,
  addresses {text} not null,
  product_version {text} not null,
  reported_at {time} not null);
