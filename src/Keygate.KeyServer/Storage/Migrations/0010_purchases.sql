-- oldest-program: 0.1.0
-- What foreign Key Administrators have bought of us as their vendor: the number that each gave its own key, and our key behind it.
create table purchases (
  id {id},
  client_id {int} not null references clients(id),
  purchase_id {text} not null,
  product {text} not null,
  test {bool} not null,
  registrant {text} not null,
  key_id {int} references keys(id),
  created_by {text} not null,
  created_at {time} not null);
create unique index purchases_client on purchases(client_id, purchase_id);
create unique index purchases_key on purchases(key_id);
