-- oldest-program: 0.1.0
-- What is known of the renewals of a license, beside its dates: the renewal under way, and when the next try may begin.
create table license_renewals (
  license_id {int} primary key references licenses(id),
  read_before {json},
  file_due {bool} not null default false,
  tries {int} not null default 0,
  next_at {time},
  error {json},
  failed_in {int},
  renewed_at {time});

-- Licenses whose subscription is not in good standing, as Orders tells it. No row: it is.
create table license_standings (
  license_id {int} primary key references licenses(id),
  since {time} not null,
  why {text} not null);

-- Which warnings were given that a license expires: once for each date and number of days.
create table license_warnings (
  license_id {int} not null references licenses(id),
  expiration_date {date} not null,
  days {int} not null,
  at {time} not null,
  primary key (license_id, expiration_date, days));
