-- oldest-program: 0.1.0
-- One row where mail was set up.
create table mail_settings (
  id {int} primary key,
  host {text} not null,
  port {int} not null,
  start_tls {bool} not null,
  login {text} not null,
  -- Sealed.
  password {text},
  from_address {text} not null,
  operator_address {text} not null,
  language {text} not null,
  topics {json} not null,
  changed_at {time} not null);

create table mail_templates (
  topic {text} not null,
  language {text} not null,
  subject {text} not null,
  body {text} not null,
  changed_at {time} not null,
  primary key (topic, language));

create table mails (
  id {bigid},
  event_number {long} not null,
  topic {text} not null,
  to_address {text} not null,
  subject {text} not null,
  body {text} not null,
  state {text} not null,
  attempts {int} not null default 0,
  generation {int} not null default 0,
  cause {text},
  sent_at {time},
  created_at {time} not null,
  unique (event_number, topic));
create index mails_created on mails(created_at);
