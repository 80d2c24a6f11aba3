-- oldest-program: 0.1.0
-- A license is no longer what its request says once it was changed; the request stays as it was submitted.
alter table licenses add column features {json};

-- The last change of a license: what was previewed, and how far it has come.
create table license_changes (
  license_id {int} primary key references licenses(id),
  change {json} not null,
  asked_at {time} not null,
  actor {text} not null,
  due_at {time},
  done {int} not null default 0,
  replacement_id {int} references licenses(id));
