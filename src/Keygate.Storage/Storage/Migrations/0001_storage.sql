-- oldest-program: 0.1.0
create table master_key_check (
  id {int} primary key,
  check_value {text} not null);

-- What the world outside must hear of: claimed and marked, never read by high-water mark.
create table outbox (
  id {bigid},
  topic {text} not null,
  subject {text} not null,
  payload {json} not null,
  created_at {time} not null,
  claimed_by {long},
  claimed_until {time},
  attempt {int} not null default 0,
  done_at {time});
create index outbox_open on outbox(id) where done_at is null;
create index outbox_subject on outbox(subject, id);
