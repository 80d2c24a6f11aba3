-- oldest-program: 0.1.0
create index orders_created on orders(created_at);
