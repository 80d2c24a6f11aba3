-- oldest-program: 0.1.0
alter table licenses add column installed_by_hand {text};
alter table licenses add column withdrawn_at {time};
create index licenses_pending on licenses(issuer_id, id) where status = 'Pending' and parent_id is null;
