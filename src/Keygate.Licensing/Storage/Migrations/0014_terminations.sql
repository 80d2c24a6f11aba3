-- oldest-program: 0.1.0
-- When the installed copy was taken away: a fact beside that the key is terminated.
alter table licenses add column removed_at {time};

-- Who wants a license terminated, and why its key is not: what became of it otherwise stands in the license's own facts.
create table license_terminations (
  license_id {int} primary key references licenses(id),
  asked_at {time} not null,
  actor {text} not null,
  why {text} not null,
  error {json});
