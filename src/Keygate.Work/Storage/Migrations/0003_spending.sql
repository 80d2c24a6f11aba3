-- oldest-program: 0.1.0
-- The spending guard counts money beside keys where it is known what an act costs: whole minor units, each currency by itself.
alter table work_lanes add column money_per_hour {long};
alter table work_lanes add column money_per_day {long};
alter table work_intents add column amount {long};
alter table work_intents add column currency {text};
create table work_lane_money (
  lane {text} not null,
  period {text} not null,
  currency {text} not null,
  amount {long} not null,
  primary key (lane, period, currency));
