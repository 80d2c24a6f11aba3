-- oldest-program: 0.1.0
-- What an issuer's account offers: how that is known, since when, and what became of the last try.
alter table plugins add column offer_kind {text};
alter table plugins add column offer_at {time};
alter table plugins add column offer_tried_at {time};
alter table plugins add column offer_cause {text};
alter table plugins add column offer_remedy {text};

-- The last answer as it came, and the rules behind it where the issuer tells them.
create table plugin_offers (
  plugin_id {int} primary key references plugins(id),
  raw {text} not null,
  rules {json});

-- What it holds, one row for each identifier that was ever in it.
create table plugin_offer_items (
  plugin_id {int} not null references plugins(id),
  kind {text} not null,
  code {text} not null,
  rule {json},
  since {time} not null,
  changed_at {time} not null,
  withdrawn_at {time},
  primary key (plugin_id, kind, code));

create table plugin_offer_changes (
  id {bigid},
  plugin_id {int} not null references plugins(id),
  at {time} not null,
  kind {text} not null,
  code {text} not null,
  change {text} not null);
create index plugin_offer_changes_plugin on plugin_offer_changes(plugin_id, id);
