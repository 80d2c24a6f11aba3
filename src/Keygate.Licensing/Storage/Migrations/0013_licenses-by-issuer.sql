-- oldest-program: 0.1.0
-- The license list has a tab for each plug-in.
create index licenses_issuer on licenses(issuer_id, id);
