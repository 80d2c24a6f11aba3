-- oldest-program: 0.1.0
-- Who has the master key wrote the row: a nonce and an HMAC of it. Null in rows from before there was one; the chain says which those are.
alter table audit add column seal {bytes};

-- One link for each row, made behind the writers, each over the one before it. Number 0 says with which row the sealed ones begin.
create table audit_links (
  seq {long} primary key,
  audit_id {long} not null unique,
  digest {bytes} not null,
  link {bytes} not null,
  linked_at {time} not null);

-- One row: where the chain ends, and up to which number no row can be without a link any more.
create table audit_chain (
  id {int} primary key,
  seq {long} not null,
  link {bytes} not null,
  settled {long} not null,
  next_settled {long} not null,
  next_after {long} not null,
  next_at {time} not null,
  signed_at {time} not null);
