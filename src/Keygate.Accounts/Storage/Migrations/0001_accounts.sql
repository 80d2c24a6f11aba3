-- oldest-program: 0.1.0
create table staff (
  id {id},
  login {text} not null unique,
  name {text} not null,
  role {text} not null,
  -- Null for the account of the local command line, which signs in by token alone.
  password_hash {text},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null default 1);

create table api_tokens (
  id {id},
  staff_id {int} not null references staff(id),
  name {text} not null,
  fingerprint {bytes} not null unique,
  created_at {time} not null,
  revoked_at {time});
create index api_tokens_staff on api_tokens(staff_id, id);

create table setup_links (
  id {id},
  fingerprint {bytes} not null unique,
  created_at {time} not null);

create table customers (
  id {id},
  name {text} not null,
  email {text} not null,
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null default 1);

-- No reference to staff: in a key server's database the actor may be one of the provider's.
create table audit (
  id {bigid},
  at {time} not null,
  actor_kind {text} not null,
  actor_id {int},
  actor_name {text} not null,
  act {text} not null,
  subject {text} not null,
  detail {text});
create index audit_subject on audit(subject, id);

create table idempotency_keys (
  actor {text} not null,
  idempotency_key {text} not null,
  request {bytes} not null,
  answer {bytes} not null,
  created_at {time} not null,
  primary key (actor, idempotency_key));
create index idempotency_keys_created on idempotency_keys(created_at);
