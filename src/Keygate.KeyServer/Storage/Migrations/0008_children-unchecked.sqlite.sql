-- oldest-program: 0.1.0
-- The references of keys, addresses, history and files are checked here; on PostgreSQL no longer, see ADR 0032.
select 1;
