-- oldest-program: 0.1.0
-- How a partner has written the items of a key in Partner API 3.0: which lines, and his own reference on each. What the key holds stands in
-- keys and key_features; a line that fits it no longer is passed over. The base license's line names no feature.
create table key_items (
  key_id {int} not null references keys(id),
  position {int} not null,
  feature {text} not null,
  quantity {int} not null,
  external_id {json},
  primary key (key_id, position));

drop index keys_nickname;
create index keys_nickname on keys(client_id, nickname, id) where nickname is not null;
