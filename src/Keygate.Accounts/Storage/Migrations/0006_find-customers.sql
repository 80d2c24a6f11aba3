-- oldest-program: 0.1.0
create index customers_name on customers(name, id);
create index customers_email on customers(email, id);
