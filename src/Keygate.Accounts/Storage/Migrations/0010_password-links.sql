-- oldest-program: 0.1.0
-- Where a member's own mail goes to; null where nobody said.
alter table staff add column email {text};
-- Who was removed signs in no more; what they did stays theirs.
alter table staff add column removed_at {time};

-- When a customer's address was last proved by a mail that reached it.
alter table customer_logins add column verified_at {time};

-- Links by which somebody chooses a password. The mail holds the secret, the table its HMAC alone.
create table password_links (
  id {bigid},
  person {text} not null,
  person_id {int} not null,
  fingerprint {bytes} not null unique,
  created_at {time} not null,
  expires_at {time} not null,
  used_at {time});
create index password_links_person on password_links(person, person_id);
