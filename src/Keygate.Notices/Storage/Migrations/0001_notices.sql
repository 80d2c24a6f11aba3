-- oldest-program: 0.1.0
-- What happened, for the world outside. Numbers rise in the order of their commits and have no gaps, so that whoever reads on behind one misses nothing.
create table events (
  number {long} primary key,
  topic {text} not null,
  subject {text} not null,
  payload {json} not null,
  happened_at {time} not null);
create index events_subject on events(subject, number);
create index events_happened on events(happened_at);

-- One row: who holds it gives the next numbers.
create table event_numbers (
  id {int} primary key,
  last_number {long} not null);
insert into event_numbers(id, last_number) values (1, 0);

create table webhooks (
  id {id},
  name {text} not null unique,
  url {text} not null,
  topics {json} not null,
  -- Sealed.
  secret {text} not null,
  second_secret {text},
  certificate {text} not null,
  plain_http {bool} not null,
  answer_within {int} not null,
  -- The last event that needs no delivery any more: delivered, set aside, or not asked for.
  after_number {long} not null,
  attempts {int} not null default 0,
  generation {int} not null default 0,
  delivered_at {time},
  failing_since {time},
  last_cause {text},
  last_remedy {text},
  paused_at {time},
  paused_reason {text},
  version {int} not null default 0,
  created_at {time} not null,
  changed_at {time} not null);

create table webhook_failures (
  id {bigid},
  webhook_id {int} not null references webhooks(id),
  event_number {long} not null,
  topic {text} not null,
  attempt {int} not null,
  failed_at {time} not null,
  status {int},
  cause {text} not null,
  remedy {text} not null,
  set_aside {bool} not null);
create index webhook_failures_webhook on webhook_failures(webhook_id, id);
create index webhook_failures_failed on webhook_failures(failed_at);
