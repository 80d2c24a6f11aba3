-- oldest-program: 0.1.0
-- The newest key of an issuer that carries a trace: by finding it the issuer shows that it can be searched.
create index licenses_traced on licenses(issuer_id, id) where trace is not null;
