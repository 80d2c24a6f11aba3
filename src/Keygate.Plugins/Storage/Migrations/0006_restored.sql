-- oldest-program: 0.1.0
-- Since when the database is a restored one and the issuer's keys were not compared with it; null where they were. Until then only its keys are read.
alter table plugins add column restored_at {time};
