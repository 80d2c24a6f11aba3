-- oldest-program: 0.1.0
-- When subscriptions of the plan are renewed and what becomes of those that are not paid; all null where they run on by themselves.
alter table plans add column renew_before_days {int};
alter table plans add column grace_days {int};
alter table plans add column hold_days {int};
alter table plans add column destroy_after_hold {bool};
alter table subscriptions add column ends_with_period {bool} not null default false;
-- The end of the period that a renewal order follows.
alter table orders add column renews_from {date};
create index orders_renewals on orders(subscription_id, renews_from) where renews_from is not null;
create index subscriptions_running on subscriptions(plan_id, expiration_date) where status in (15, 30, 40, 50);
