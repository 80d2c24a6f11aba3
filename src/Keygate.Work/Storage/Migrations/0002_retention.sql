-- oldest-program: 0.1.0
create index work_over on work(changed_at, id) where state in ('done', 'cancelled');
