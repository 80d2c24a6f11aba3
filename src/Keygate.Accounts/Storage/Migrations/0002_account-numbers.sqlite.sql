-- oldest-program: 0.1.0
insert into sqlite_sequence(name, seq) values ('customers', 1000000);
