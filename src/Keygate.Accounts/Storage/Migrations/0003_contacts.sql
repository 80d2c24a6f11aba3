-- oldest-program: 0.1.0
alter table customers add column contact {json};
