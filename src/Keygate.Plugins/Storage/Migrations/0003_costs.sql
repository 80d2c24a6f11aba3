-- oldest-program: 0.1.0
-- What the other side charges, as far as somebody said it; null where nobody did.
alter table plugins add column costs {json};
alter table plugins add column money_per_hour {long} not null default 0;
alter table plugins add column money_per_day {long} not null default 0;
