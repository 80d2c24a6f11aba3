-- oldest-program: 0.1.0
-- The order that asked for a credit note; null for one that a person issued.
alter table invoices add column by_order {int};
create index invoices_subscription on invoices(subscription_id, number);
