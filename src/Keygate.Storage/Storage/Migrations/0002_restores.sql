-- oldest-program: 0.1.0
-- What this database was restored from, and when; one that did not end is refused at start.
create table restores (
  id {id},
  backup {text} not null,
  made_at {time} not null,
  restored_at {time} not null,
  ended_at {time});
