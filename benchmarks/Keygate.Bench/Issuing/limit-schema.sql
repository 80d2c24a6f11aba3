create table history(id bigserial primary key, subject bigint, verb text, at timestamptz default now(), detail jsonb);
create table keys(id bigserial primary key, number text unique, owner bigint, type text, expires timestamptz, activation text unique);
