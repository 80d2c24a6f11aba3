-- oldest-program: 0.1.0
-- What was completed before there were invoices gets none.
alter table orders add column invoiced {bool} not null default false;
update orders set invoiced = true where state = 'CP';
create index orders_uninvoiced on orders(completed_at, id) where state = 'CP' and not invoiced;

-- One row where it was set up.
create table invoicing (
  id {int} primary key,
  seller {text} not null,
  tax_id {text} not null,
  tax_basis_points {int} not null,
  changed_at {time} not null);

-- One row: who holds it gives the next number.
create table invoice_numbers (
  id {int} primary key,
  last_number {int} not null);
insert into invoice_numbers(id, last_number) values (1, 0);

create table invoices (
  number {int} primary key,
  kind {text} not null,
  order_id {int} not null references orders(id),
  -- The invoice that a credit note takes back, in part or whole.
  credits {int} references invoices(number),
  customer_id {int} not null,
  subscription_id {int} not null,
  currency {text} not null,
  -- With the tax that is contained; negative for a credit note.
  total {long} not null,
  tax {long} not null,
  tax_basis_points {int} not null,
  seller {text} not null,
  tax_id {text} not null,
  buyer {text} not null,
  reason {text} not null,
  issued_at {time} not null);
create unique index invoices_of_order on invoices(order_id) where kind = 'Invoice';
create index invoices_customer on invoices(customer_id, number);
create index invoices_credits on invoices(credits) where credits is not null;

create table invoice_lines (
  id {bigid},
  invoice {int} not null references invoices(number),
  description {text} not null,
  quantity {int} not null,
  unit_amount {long} not null,
  amount {long} not null);
create index invoice_lines_invoice on invoice_lines(invoice, id);
