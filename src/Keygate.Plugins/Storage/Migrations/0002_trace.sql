-- oldest-program: 0.1.0
-- When finding a key of its own by the trace was last tried, whatever came of it.
alter table plugins add column trace_tried_at {time};
-- Since when it asks the same account at the same issuer with the same kind of trace: keys from before prove nothing now.
alter table plugins add column trace_since {time};
