-- oldest-program: 0.1.0
-- Who is signed in at the screens. The cookie holds the secret, the table its HMAC alone.
create table sessions (
  id {bigid},
  staff_id {int} not null references staff(id),
  fingerprint {bytes} not null unique,
  created_at {time} not null,
  seen_at {time} not null,
  ended_at {time});
create index sessions_staff on sessions(staff_id, id);
create index sessions_seen on sessions(seen_at);
