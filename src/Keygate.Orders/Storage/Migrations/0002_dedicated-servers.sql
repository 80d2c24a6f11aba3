-- oldest-program: 0.1.0
alter table subscriptions add column server {text};
alter table subscriptions add column server_assigned_at {time};
create unique index subscriptions_server on subscriptions(server) where server is not null and status not in (60, 70);
