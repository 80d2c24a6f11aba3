-- oldest-program: 0.1.0
alter table customers alter column id restart with 1000001;
