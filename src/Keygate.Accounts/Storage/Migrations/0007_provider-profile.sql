-- oldest-program: 0.1.0
-- Who runs this Keygate: one row, or none before it was said.
create table provider_profile (
  id {int} not null primary key,
  name {text} not null,
  host_name {text} not null,
  email {text} not null,
  currency {text} not null,
  changed_at {time} not null);
