-- oldest-program: 0.1.0
-- Each row written asked for its client, its price list and its key once more and locked them, which all writers share: see ADR 0032. Nothing of the three is ever
-- deleted, and SQLite checks on.
alter table keys drop constraint if exists keys_client_id_fkey, drop constraint if exists keys_price_list_id_fkey;
alter table key_addresses drop constraint if exists key_addresses_key_id_fkey;
alter table key_history drop constraint if exists key_history_key_id_fkey;
alter table key_files drop constraint if exists key_files_key_id_fkey;
