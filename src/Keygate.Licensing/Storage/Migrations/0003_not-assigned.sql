-- oldest-program: 0.1.0
-- Ordered for a dedicated server that is not assigned yet; and the addresses of the server, once it is.
alter table licenses add column not_assigned_at {time};
alter table licenses add column ip_addresses {json};
create index licenses_not_assigned on licenses(id) where not_assigned_at is not null;
