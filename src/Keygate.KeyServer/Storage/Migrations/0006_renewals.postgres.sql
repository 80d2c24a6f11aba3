-- oldest-program: 0.1.0
-- What the key server renews by itself, by the day on which it is due.
create index keys_due on keys(update_date, id) where auto_renew and billing = 'Lease' and terminated_at is null;

-- Keys whose last try failed, one row until they are renewed: a key is tried once a day.
create table key_renewals (
  key_id {int} primary key references keys(id),
  tried_on {date} not null,
  tries {int} not null,
  code {text} not null,
  detail {text} not null,
  changed_at {time} not null);

-- A sweep goes over all that is due; its figures rise in the commit of each batch.
create table renewal_sweeps (
  id {id},
  due {int} not null,
  renewed {int} not null,
  failed {int} not null,
  started_by {text} not null,
  started_at {time} not null,
  changed_at {time} not null,
  ended_at {time});

-- A file of some kilobytes stays in its row: to try to compress what is mostly base64, and to keep it apart, costs more than it saves.
alter table key_files set (toast_tuple_target = 8160);
