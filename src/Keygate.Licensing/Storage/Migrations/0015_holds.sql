-- oldest-program: 0.1.0
-- A license that is held: its key is suspended at the issuer, its copy removed until it goes on.
alter table license_standings add column held {bool} not null default false;
alter table licenses add column suspended_at {time};
alter table licenses add column hold_removed_at {time};
