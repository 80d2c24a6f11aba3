-- oldest-program: 0.1.0
create table resources (
  id {id},
  gate {text} not null,
  command {text} not null,
  kind {text} not null,
  name {text} not null,
  category {text} not null,
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null default 0,
  unique (gate, command));

create table plans (
  id {id},
  name {text} not null,
  description {text} not null,
  currency {text} not null,
  hosting_gate {text} not null,
  issuer_id {int},
  installer_id {int},
  approval_needed {bool} not null,
  published {bool} not null,
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null default 0);

create table plan_periods (
  id {id},
  plan_id {int} not null references plans(id),
  period {int} not null,
  period_type {int} not null,
  setup_fee {long} not null,
  subscription_fee {long} not null,
  renewal_fee {long} not null,
  unique (plan_id, period, period_type));

create table resource_rates (
  id {id},
  plan_id {int} not null references plans(id),
  resource_id {int} not null references resources(id),
  included_units {int} not null,
  min_units {int} not null,
  max_units {int} not null,
  setup_fee {long} not null,
  recurring_fee {long} not null,
  unique (plan_id, resource_id));

-- The customer is an account, the plug-ins and licenses of a plan or item are those of their rooms: numbers without a foreign key, since each
-- room migrates by itself.
create table subscriptions (
  id {id},
  customer_id {int} not null,
  plan_id {int} not null references plans(id),
  plan_period_id {int} not null references plan_periods(id),
  name {text} not null,
  status {int} not null,
  serv_status {int} not null,
  start_date {date},
  expiration_date {date},
  target {text} not null,
  ip_addresses {json} not null,
  hardware_id {text},
  instance {text},
  created_at {time} not null,
  changed_at {time} not null,
  version {int} not null default 0);
create index subscriptions_customer on subscriptions(customer_id, id);
create index subscriptions_status on subscriptions(status, id);

create table subscription_resources (
  subscription_id {int} not null references subscriptions(id),
  resource_id {int} not null references resources(id),
  rate_id {int} not null references resource_rates(id),
  quantity {int} not null,
  primary key (subscription_id, resource_id));

create table subscription_history (
  id {bigid},
  subscription_id {int} not null references subscriptions(id),
  at {time} not null,
  actor {text} not null,
  status {int} not null,
  serv_status {int} not null,
  why {text} not null,
  trace {text});
create index subscription_history_subscription on subscription_history(subscription_id, id);

create table orders (
  id {id},
  type {text} not null,
  state {text} not null,
  customer_id {int} not null,
  plan_id {int} not null references plans(id),
  plan_period_id {int} not null references plan_periods(id),
  subscription_id {int} not null references subscriptions(id),
  currency {text} not null,
  total {long} not null,
  paid {long} not null default 0,
  approval_needed {bool} not null,
  comment {text} not null,
  created_at {time} not null,
  changed_at {time} not null,
  completed_at {time},
  version {int} not null default 0);
create unique index orders_one_open on orders(subscription_id) where state not in ('CP', 'CL', 'FR');
create index orders_subscription on orders(subscription_id, id);
create index orders_state on orders(state, id);
create index orders_customer on orders(customer_id, id);

create table order_log (
  id {bigid},
  order_id {int} not null references orders(id),
  at {time} not null,
  from_state {text},
  to_state {text} not null,
  operation {text} not null,
  why {text} not null,
  actor {text} not null,
  trace {text});
create index order_log_order on order_log(order_id, id);

create table order_details (
  id {bigid},
  order_id {int} not null references orders(id),
  kind {text} not null,
  resource_id {int} references resources(id),
  description {text} not null,
  quantity {int} not null,
  unit_amount {long} not null,
  amount {long} not null);
create index order_details_order on order_details(order_id, id);

create table payments (
  id {id},
  order_id {int} not null references orders(id),
  amount {long} not null,
  currency {text} not null,
  reference {text} not null,
  note {text} not null,
  actor {text} not null,
  received_at {time} not null);
create index payments_order on payments(order_id, id);

create table provisioning_items (
  id {id},
  order_id {int} not null references orders(id),
  subscription_id {int} not null references subscriptions(id),
  kind {text} not null,
  status {text} not null,
  comment {text} not null,
  remedy {text},
  submitted_at {time},
  completed_at {time},
  key_type {text},
  features {json} not null,
  add_ons {json} not null,
  license_id {int},
  work_id {long},
  answered {bool},
  changed_at {time} not null,
  version {int} not null default 0);
create index provisioning_items_order on provisioning_items(order_id, id);
create index provisioning_items_subscription on provisioning_items(subscription_id, id);
create unique index provisioning_items_license on provisioning_items(license_id) where license_id is not null;

-- What other systems said of items, also what came late and was passed over.
create table item_callbacks (
  id {bigid},
  item_id {int} not null references provisioning_items(id),
  at {time} not null,
  actor {text} not null,
  issued_successfully {bool} not null,
  message {text} not null,
  ignored_because {text});
create index item_callbacks_item on item_callbacks(item_id, id);
