-- oldest-program: 0.1.0
-- A partner's own reference stands with the line of the key's items that it belongs to (key_items); these columns never held any.
alter table keys drop column external_id;
alter table key_features drop column external_id;

-- Leases of vendors by their expiry: three months after it their vendors are told.
create index keys_vendor_expiry on keys(expiration_date, id) where vendor_id is not null and terminated_at is null;
