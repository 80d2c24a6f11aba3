-- oldest-program: 0.1.0
-- Who works. The id is also the key of a session advisory lock, which ends with the process; beat_at follows the database's clock.
create table work_nodes (
  id {long} primary key,
  name {text} not null,
  started_at {time} not null,
  beat_at {time} not null);

-- One row for each process. due_at is set while somebody may claim it: ready, sleeping, and waiting under a deadline.
create table work (
  id {bigid},
  kind {text} not null,
  subject {text} not null,
  unique_key {text},
  payload {json} not null,
  state {text} not null,
  step {text} not null,
  step_begun_at {time},
  attempt {int} not null,
  generation {int} not null,
  due_at {time},
  rank {int} not null,
  owner {long},
  fence {long} not null,
  parent {long},
  woken {bool} not null,
  intent {long},
  lane {text},
  approved {bool} not null,
  why {text},
  error {json},
  started_at {time} not null,
  changed_at {time} not null);
create unique index work_unique on work(unique_key);
create index work_due on work(rank, due_at, id) where due_at is not null;
create index work_owner on work(owner) where owner is not null;
create index work_subject on work(subject, id);
create index work_stopped on work(id) where state = 'stopped';
create index work_lane on work(lane) where lane is not null;

-- An act that must not happen twice, committed before it is tried. All tries of one act are one row and carry one token.
create table work_intents (
  id {bigid},
  work {long} not null,
  step {text} not null,
  lane {text} not null,
  token {text} not null,
  request {json} not null,
  keys {int} not null,
  state {text} not null,
  attempt {int} not null,
  opened_at {time} not null,
  sent_at {time} not null,
  unknown_at {time},
  looks {int} not null,
  charged_at {time},
  answer {json},
  error {json},
  changed_at {time} not null);
create index work_intents_work on work_intents(work, id);
create unique index work_intents_token on work_intents(token);

create table work_lanes (
  lane {text} primary key,
  concurrency {int} not null,
  keys_per_hour {int},
  keys_per_day {int},
  paused {bool} not null,
  why {text});

-- One row for each act that a lane lets happen at once: rows are claimed with skip locked, so commits do not queue behind a counter.
create table work_lane_slots (
  lane {text} not null,
  slot {int} not null,
  is_open {bool} not null,
  work {long},
  owner {long},
  primary key (lane, slot));
create index work_lane_slots_owner on work_lane_slots(owner) where owner is not null;

create table work_lane_spend (
  lane {text} not null,
  period {text} not null,
  keys {int} not null,
  primary key (lane, period));
