-- oldest-program: 0.1.0
-- Since when the other side does not answer any more, with the last cause: a breaker is open since then. Null where it answers.
alter table plugins add column away_since {time};
alter table plugins add column away_cause {text};
