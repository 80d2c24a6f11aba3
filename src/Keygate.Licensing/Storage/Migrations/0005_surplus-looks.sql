-- oldest-program: 0.1.0
create table surplus_looks (
  license_id {int} primary key references licenses(id),
  due_at {time} not null);
