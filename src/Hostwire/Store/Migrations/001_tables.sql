-- The tables of the store. Measured reasons for this shape are in docs/adr/; every object is commented in the database itself.

create table hostwire.setting (
  name text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table hostwire.host (
  host_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  name text not null,
  attributes jsonb not null default '{}',
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  marked_at timestamptz
);
create index host_name on hostwire.host (name);

create table hostwire.metric (
  metric_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  name text not null,
  unit text not null,
  kind text not null check (kind in ('gauge', 'counter', 'up-down')),
  temporality text check (temporality in ('delta', 'cumulative')),
  description text not null default ''
);
create index metric_name on hostwire.metric (name);

create table hostwire.series (
  series_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  metric_id integer not null references hostwire.metric,
  scope text not null,
  attributes jsonb not null,
  marked_at timestamptz
);
create index series_metric on hostwire.series (metric_id);

create table hostwire.layout (
  layout_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  marked_at timestamptz
);

create table hostwire.layout_series (
  layout_id integer not null references hostwire.layout,
  position smallint not null,
  series_id integer not null references hostwire.series,
  primary key (layout_id, position)
);
create index layout_series_series on hostwire.layout_series (series_id);

-- No foreign keys: they would cost the COPY more than the rows themselves; every batch reads the identities of the ids it uses back instead.
create table hostwire.frame (
  time timestamptz not null,
  host_id integer not null,
  layout_id integer not null,
  values double precision[] not null,
  primary key (host_id, layout_id, time)
) partition by range (time);

create table hostwire.kafka_offset (
  group_id text not null,
  topic text not null,
  partition integer not null,
  cluster_id text not null,
  topic_id text not null,
  next_offset bigint not null check (next_offset >= 0),
  owner_epoch bigint not null,
  owner text not null,
  updated_at timestamptz not null default now(),
  primary key (group_id, topic, partition)
);

create table hostwire.gap (
  gap_id bigint generated always as identity primary key,
  detected_at timestamptz not null default now(),
  group_id text not null,
  topic text not null,
  partition integer not null,
  cluster_id text not null,
  topic_id text not null,
  from_offset bigint not null,
  to_offset bigint,
  reason text not null
);

create table hostwire.dead_letter (
  dead_letter_id bigint generated always as identity primary key,
  received_at timestamptz not null default now(),
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  topic_id text not null,
  reason text not null,
  key bytea,
  payload bytea
);
create index dead_letter_received on hostwire.dead_letter (received_at);

create table hostwire.conflict (
  conflict_id bigint generated always as identity primary key,
  detected_at timestamptz not null default now(),
  host_id integer not null,
  layout_id integer not null,
  time timestamptz not null,
  stored_digest bytea,
  received_digest bytea not null,
  topic text not null,
  partition integer not null,
  record_offset bigint not null
);
create index conflict_detected on hostwire.conflict (detected_at);

create table hostwire.quarantine (
  time timestamptz not null,
  host_id integer not null,
  layout_id integer not null,
  values double precision[] not null,
  received_at timestamptz not null default now(),
  reason text not null,
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  primary key (host_id, layout_id, time)
);

insert into hostwire.setting (name, value) values
  ('retention_days', '30'),
  ('frame_rules', '{"version": 1, "layout_max_series": 240, "drop_attributes": ["telemetry.*", "process.command_line", "process.command_args"]}');
