-- oldest-program: 0.1.0
-- What a root key says of the one that follows it, signed by it: products that pinned it learn the next one so. Keys by their thumbprints.
create table root_successions (
  id {id},
  from_key {text} not null,
  to_key {text} not null,
  content {text} not null,
  reason {text} not null,
  created_by {text} not null,
  created_at {time} not null);
create unique index root_successions_keys on root_successions(from_key, to_key);
create index root_successions_to on root_successions(to_key);
