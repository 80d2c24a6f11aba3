-- oldest-program: 0.1.0
-- On which servers a key was seen in use, told apart by the instance that the product names, or else by its addresses.
create table key_sightings (
  key_id {int} not null references keys(id),
  server {text} not null,
  addresses {text} not null,
  product_version {text} not null,
  reports {int} not null,
  first_at {time} not null,
  last_at {time} not null,
  primary key (key_id, server));
create index key_sightings_last on key_sightings(last_at, key_id);
