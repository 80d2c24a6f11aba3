-- oldest-program: 0.1.0
-- What customers sign in with. The address is kept in lower case, so that nobody has two accounts by its spelling.
create table customer_logins (
  customer_id {int} not null primary key references customers(id),
  email {text} not null unique,
  password_hash {text} not null,
  created_at {time} not null,
  changed_at {time} not null);

-- Customers who are signed in. The cookie holds the secret, the table its HMAC alone.
create table customer_sessions (
  id {bigid},
  customer_id {int} not null references customers(id),
  fingerprint {bytes} not null unique,
  created_at {time} not null,
  seen_at {time} not null,
  ended_at {time});
create index customer_sessions_customer on customer_sessions(customer_id, id);
create index customer_sessions_seen on customer_sessions(seen_at);
