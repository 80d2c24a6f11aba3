-- oldest-program: 0.1.0
-- What an item changes of a subscription that is there, and the license that it changes. The license's own item stays the one that made it.
alter table provisioning_items add column change {json};
alter table provisioning_items add column changes_license {int};
create index provisioning_items_changes on provisioning_items(changes_license, id) where changes_license is not null;
