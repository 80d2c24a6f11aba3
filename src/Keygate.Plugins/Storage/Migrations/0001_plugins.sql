-- oldest-program: 0.1.0
create table plugins (
  id {id},
  name {text} not null unique,
  kind {text} not null,
  -- Settings in clear, and sealed ones apart: what stands in the second column is never shown.
  settings {json} not null,
  secrets {json} not null,
  concurrency {int} not null,
  calls_per_minute {int} not null,
  timeout_seconds {int} not null,
  keys_per_hour {int} not null,
  keys_per_day {int} not null,
  paused_at {time},
  paused_reason {text},
  checked_at {time},
  check_passed {bool},
  check_text {text},
  check_remedy {text},
  -- When this plug-in last found a key of its own by the trace: before that, not finding one proves nothing.
  trace_proved_at {time},
  version {int} not null,
  created_at {time} not null,
  changed_at {time} not null);
create index plugins_kind on plugins(kind, id);
