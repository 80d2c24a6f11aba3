-- oldest-program: 0.1.0
create table licenses (
  id {id},
  parent_id {int} references licenses(id),
  ordered {bool} not null,
  key_type {text} not null,
  class_name {text} not null,
  bill_type_name {text} not null,
  activation_name {text} not null,
  issuer_id {int} not null,
  installer_id {int},
  customer_id {int},
  customer_name {text},
  subscription_id {int},
  subscription_name {text},
  target {text} not null,
  request {json} not null,
  requested_at {time} not null,
  key_number {text},
  issued_at {time},
  activation_code {text},
  expiration_date {date},
  update_date {date},
  sus_date {date},
  hardware_id {text},
  instance {text},
  activated_at {time},
  retrieved_at {time},
  uploaded_at {time},
  installed_at {time},
  installed_places {json},
  terminated_at {time},
  trace {text},
  open_step_name {text} not null,
  status {text} not null,
  changed_at {time} not null,
  version {int} not null default 0);
create index licenses_parent on licenses(parent_id) where parent_id is not null;
create index licenses_key_number on licenses(key_number);
create index licenses_status on licenses(status, id);
create index licenses_class on licenses(key_type, id);
create index licenses_customer on licenses(customer_id, id);
create index licenses_subscription on licenses(subscription_id, id);
create index licenses_expiring on licenses(expiration_date, id) where bill_type_name = 'Lease' and status not in ('Expired', 'Terminated');

create table license_files (
  id {bigid},
  license_id {int} not null references licenses(id),
  key_number {text} not null,
  extension {text} not null,
  content {bytes} not null,
  retrieved_at {time} not null);
create index license_files_license on license_files(license_id, id);

create table license_history (
  id {bigid},
  license_id {int} not null references licenses(id),
  at {time} not null,
  actor {text} not null,
  from_state {text},
  to_state {text} not null,
  what {text} not null,
  trace {text});
create index license_history_license on license_history(license_id, id);
