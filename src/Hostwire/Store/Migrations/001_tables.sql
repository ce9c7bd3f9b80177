-- The tables of the store. Why they have this shape is in docs/schema.md and docs/adr/; every object is commented in the database itself.

-- "create schema if not exists" asks for the right to create even where the schema is there already, made by an administrator for us.
do $$
begin
  if to_regnamespace('hostwire') is null then
    create schema hostwire;
  end if;
end
$$;
comment on schema hostwire is 'Operating-system metrics of hosts, stored once each by "hostwire sink". Start with the views metrics, latest and freshness.';

create table hostwire.migration (
  version integer primary key check (version > 0),
  name text not null,
  sha256 bytea not null check (length(sha256) = 32),
  applied_at timestamptz not null default now()
);
comment on table hostwire.migration is 'The migrations this schema has been through; written by "hostwire db migrate" and by sinks at start.';
comment on column hostwire.migration.version is 'Number of the migration; they are applied in this order, without holes.';
comment on column hostwire.migration.name is 'What the migration is called, e.g. tables.';
comment on column hostwire.migration.sha256 is 'SHA-256 of the SQL that was run; a program whose copy differs refuses to work on this schema.';
comment on column hostwire.migration.applied_at is 'When it was applied.';

create table hostwire.setting (
  name text primary key,
  value jsonb not null,
  description text not null default '',
  updated_at timestamptz not null default now()
);
comment on table hostwire.setting is 'Settings that every sink of this database must share.';
comment on column hostwire.setting.name is 'Name of the setting.';
comment on column hostwire.setting.value is 'Its value.';
comment on column hostwire.setting.description is 'What it does, and in which unit.';
comment on column hostwire.setting.updated_at is 'When it was last set.';

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
comment on table hostwire.host is 'Hosts that have sent metrics. Two machines of one name are two hosts if their host.id differs.';
comment on index hostwire.host_name is 'Finds the hosts of one name.';
comment on column hostwire.host.host_id is 'Number of the host in this database.';
comment on column hostwire.host.identity is 'SHA-256 of the name and, where the host sends one, its host.id: what makes it one host and not two.';
comment on column hostwire.host.name is 'host.name as the host sends it; "unknown" holds everything that came without any name, perhaps from several machines.';
comment on column hostwire.host.attributes is 'host.*, os.* and cloud.* attributes, and those that frame_rules lists, each as it was last seen; one that is no longer sent stays.';
comment on column hostwire.host.first_seen is 'When a sink first met the host.';
comment on column hostwire.host.last_seen is 'When a sink last looked the host up, not when it last sent: for that see the view freshness.';
comment on column hostwire.host.marked_at is 'Set when nothing refers to the host any more; it is removed a day later unless a sink meets it again.';

create table hostwire.metric (
  metric_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  name text not null,
  unit text not null,
  kind text not null check (kind in ('gauge', 'counter', 'up-down')),
  temporality text check (temporality in ('delta', 'cumulative')),
  description text not null default '',
  source_kind text check (source_kind in ('histogram', 'exponential histogram', 'summary')),
  source_name text,
  source_unit text,
  part text,
  check (num_nulls(source_kind, source_name, source_unit, part) in (0, 4))
);
create index metric_name on hostwire.metric (name);
comment on table hostwire.metric is 'Metrics: a name with its unit and kind. The same name with another unit or kind is another metric.';
comment on index hostwire.metric_name is 'Finds the metrics of one name.';
comment on column hostwire.metric.metric_id is 'Number of the metric in this database.';
comment on column hostwire.metric.identity is 'SHA-256 of name, unit, kind and temporality; of a part, of those of what it is a part of, and which part.';
comment on column hostwire.metric.name is 'OpenTelemetry''s name, e.g. system.cpu.time.';
comment on column hostwire.metric.unit is 'Unit in UCUM, e.g. s, By, {packets}, 1.';
comment on column hostwire.metric.kind is 'gauge: a reading that stands for itself; counter: a total that only grows, until it starts again; up-down: a total that grows and shrinks.';
comment on column hostwire.metric.temporality is 'cumulative: each value is the total so far; delta: each value is the change since the one before; null for gauges.';
comment on column hostwire.metric.description is 'One sentence, as the sender gave it.';
comment on column hostwire.metric.source_kind is 'For a part of a histogram, an exponential histogram or a summary: which of these. Null for metrics that were sent as they are.';
comment on column hostwire.metric.source_name is 'Name of the metric that it is a part of.';
comment on column hostwire.metric.source_unit is 'Unit of the metric that it is a part of.';
comment on column hostwire.metric.part is 'Which part: count, sum, min, max, bucket, scale, zero_count, zero_threshold, positive_offset, positive_bucket, negative_offset, negative_bucket or quantile.';

create table hostwire.series (
  series_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  metric_id integer not null references hostwire.metric,
  scope text not null,
  attributes jsonb not null,
  marked_at timestamptz,
  source_identity bytea check (length(source_identity) = 32)
);
create index series_metric on hostwire.series (metric_id);
comment on table hostwire.series is 'Series: a metric with one set of attributes. A series has no host; hosts of the same shape share it.';
comment on index hostwire.series_metric is 'Finds the series of one metric.';
comment on column hostwire.series.series_id is 'Number of the series in this database.';
comment on column hostwire.series.identity is 'SHA-256 of the metric, the scope and all attributes with their types; jsonb could not tell 1 from 1.0.';
comment on column hostwire.series.metric_id is 'Its metric.';
comment on column hostwire.series.scope is 'Name of the instrumentation scope that produced it, e.g. the Collector''s scraper.';
comment on column hostwire.series.attributes is 'Attributes, for reading and filtering only; what makes a series itself is identity.';
comment on column hostwire.series.source_identity is 'For a part of a histogram, an exponential histogram or a summary: the same for all parts of one metric, scope and set of attributes.';
comment on column hostwire.series.marked_at is 'Set when no layout refers to the series any more; it is removed a day later unless a sink meets it again.';

create table hostwire.layout (
  layout_id integer generated always as identity primary key,
  identity bytea not null unique check (length(identity) = 32),
  marked_at timestamptz
);
comment on table hostwire.layout is 'Layouts: the sorted set of series that a host reports under one time. Hosts of the same shape share one.';
comment on column hostwire.layout.layout_id is 'Number of the layout in this database.';
comment on column hostwire.layout.identity is 'SHA-256 of the identities of its series, sorted: the same set is the same layout in whatever order it came.';
comment on column hostwire.layout.marked_at is 'Set when no frame refers to the layout any more; it is removed a day later unless a sink meets it again.';

create table hostwire.layout_series (
  layout_id integer not null references hostwire.layout,
  position smallint not null check (position > 0),
  series_id integer not null references hostwire.series,
  primary key (layout_id, position)
);
-- Unique because a layout is a set; the position rides along so that "where in this layout is that series" never touches the table.
create unique index layout_series_series on hostwire.layout_series (series_id, layout_id) include (position);
comment on table hostwire.layout_series is 'Which series stands at which place of a layout.';
comment on index hostwire.layout_series_series is 'Finds the layouts of one series, and its place in each.';
comment on column hostwire.layout_series.layout_id is 'The layout.';
comment on column hostwire.layout_series.position is 'Subscript of the series'' value in frame.values: the first is 1.';
comment on column hostwire.layout_series.series_id is 'The series.';

-- No foreign keys: they would cost the COPY more than the rows themselves; every batch reads the identities of the ids it uses back instead.
-- Time stands before the layout in the key, so that "the last minutes of every host" and "the frame before this one" are short
-- stretches of the index; see docs/adr/ for what that was measured against.
create table hostwire.frame (
  time timestamptz not null,
  host_id integer not null,
  layout_id integer not null,
  values double precision[] not null,
  primary key (host_id, time, layout_id)
) partition by range (time);
comment on table hostwire.frame is 'One row for all values that a host reports under one time; read it through the view metrics. A partition for each UTC day.';
comment on column hostwire.frame.time is 'The moment of reading, to the microsecond, by the clock of the host.';
comment on column hostwire.frame.host_id is 'The host.';
comment on column hostwire.frame.layout_id is 'Says which series each value belongs to.';
comment on column hostwire.frame.values is 'One value for each series of the layout, the first at subscript 1; null where there was no value.';

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
comment on table hostwire.kafka_offset is 'How far each partition has been stored. Moved in the transaction that stores the frames, which is why nothing is stored twice or lost.';
comment on column hostwire.kafka_offset.group_id is 'Consumer group of the sinks.';
comment on column hostwire.kafka_offset.topic is 'Topic.';
comment on column hostwire.kafka_offset.partition is 'Partition of the topic.';
comment on column hostwire.kafka_offset.cluster_id is 'Id of the Kafka cluster.';
comment on column hostwire.kafka_offset.topic_id is 'Id of the topic: a topic deleted and made again has another one under the same name.';
comment on column hostwire.kafka_offset.next_offset is 'Offset of the first record that is not stored yet.';
comment on column hostwire.kafka_offset.owner_epoch is 'Grows with each claim; a sink that lost the partition cannot store under an old one.';
comment on column hostwire.kafka_offset.owner is 'The sink that claimed the partition last.';
comment on column hostwire.kafka_offset.updated_at is 'When it was last moved or claimed.';

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
comment on table hostwire.gap is 'Records that were gone before a sink could read them: expired, or deleted with their topic. Each row is a loss on Kafka''s side.';
comment on column hostwire.gap.gap_id is 'Number of the gap.';
comment on column hostwire.gap.detected_at is 'When a sink met it.';
comment on column hostwire.gap.group_id is 'Consumer group of the sink.';
comment on column hostwire.gap.topic is 'Topic.';
comment on column hostwire.gap.partition is 'Partition of the topic.';
comment on column hostwire.gap.cluster_id is 'Id of the Kafka cluster the lost records were in.';
comment on column hostwire.gap.topic_id is 'Id of the topic the lost records were in.';
comment on column hostwire.gap.from_offset is 'Offset of the first record that is missing.';
comment on column hostwire.gap.to_offset is 'Offset after the last record that is missing; null where nobody can tell, because the topic was deleted.';
comment on column hostwire.gap.reason is 'Why they are missing, in words.';

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
comment on table hostwire.dead_letter is 'Records that could not be decoded or stored, kept as they came. The setting dead_letter_* limits them.';
comment on index hostwire.dead_letter_received is 'Finds the newest, and what is old enough to go.';
comment on column hostwire.dead_letter.dead_letter_id is 'Number of the dead letter.';
comment on column hostwire.dead_letter.received_at is 'When the sink put it here.';
comment on column hostwire.dead_letter.topic is 'Topic it was read from.';
comment on column hostwire.dead_letter.partition is 'Partition it was read from.';
comment on column hostwire.dead_letter.record_offset is 'Its offset.';
comment on column hostwire.dead_letter.topic_id is 'Id of the topic.';
comment on column hostwire.dead_letter.reason is 'What was wrong with it, in words.';
comment on column hostwire.dead_letter.key is 'The record''s key.';
comment on column hostwire.dead_letter.payload is 'The record''s value; null when it was empty, or was dropped to stay below dead_letter_max_bytes.';

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
comment on table hostwire.conflict is 'Frames that came with the host, layout and time of a stored one but other values. The stored one stays; two agents of one name do this.';
comment on index hostwire.conflict_detected is 'Finds the newest, and what is old enough to go.';
comment on column hostwire.conflict.conflict_id is 'Number of the conflict.';
comment on column hostwire.conflict.detected_at is 'When the sink met it.';
comment on column hostwire.conflict.host_id is 'The host.';
comment on column hostwire.conflict.layout_id is 'The layout.';
comment on column hostwire.conflict.time is 'The time both claim.';
comment on column hostwire.conflict.stored_digest is 'Digest of the values that are stored.';
comment on column hostwire.conflict.received_digest is 'Digest of the values that were refused.';
comment on column hostwire.conflict.topic is 'Topic the refused frame was read from.';
comment on column hostwire.conflict.partition is 'Partition the refused frame was read from.';
comment on column hostwire.conflict.record_offset is 'Offset of the record that held the refused frame.';

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
create index quarantine_received on hostwire.quarantine (received_at);
comment on table hostwire.quarantine is 'Frames whose time lies outside what is kept (1970, next year): a host''s clock is wrong, or the data is very late. No view shows them.';
comment on index hostwire.quarantine_received is 'Finds the newest, and what is old enough to go.';
comment on column hostwire.quarantine.time is 'The time the frame claims.';
comment on column hostwire.quarantine.host_id is 'The host.';
comment on column hostwire.quarantine.layout_id is 'The layout.';
comment on column hostwire.quarantine.values is 'The values, as in frame.';
comment on column hostwire.quarantine.received_at is 'When the sink put it here: about when it was really measured, if the clock was wrong.';
comment on column hostwire.quarantine.reason is 'Why it is here, in words.';
comment on column hostwire.quarantine.topic is 'Topic it was read from.';
comment on column hostwire.quarantine.partition is 'Partition it was read from.';
comment on column hostwire.quarantine.record_offset is 'Offset of its record.';

create table hostwire.removed (
  day date not null,
  what text not null,
  rows bigint not null,
  bytes bigint not null,
  primary key (day, what)
);
comment on table hostwire.removed is 'What retention has removed, added up for each day on which it did: nothing goes uncounted.';
comment on column hostwire.removed.day is 'UTC day on which it was removed.';
comment on column hostwire.removed.what is 'Table the rows were in; "dead_letter payload" where only the payload was dropped.';
comment on column hostwire.removed.rows is 'Rows; for frame the planner''s estimate, since counting a whole day would cost more than dropping it.';
comment on column hostwire.removed.bytes is 'Bytes: the partition with its index for frame, payload and key for dead letters, values for quarantine; 0 for conflict.';

insert into hostwire.setting (name, value, description) values
  ('retention_days', '30', 'Frames of the last this many UTC days are kept, besides today; older days are dropped whole. Set by sink.retention_days.'),
  ('frame_rules', '{"version": 1, "layout_max_series": 240, "host_attributes": [], "drop_attributes": ["telemetry.*", "process.command_line", "process.command_args"]}',
   'How records become frames. Every sink obeys these, or the same point would be stored under two identities.'),
  ('dead_letter_max_days', '30', 'Dead letters older than this many days are removed.'),
  ('dead_letter_max_bytes', '268435456', 'Payloads of the oldest dead letters are dropped beyond this many bytes in all; their offsets and reasons stay.'),
  ('dead_letter_max_rows', '1000000', 'The oldest dead letters beyond this many are removed.'),
  ('conflict_max_days', '30', 'Conflicts older than this many days are removed.'),
  ('conflict_max_rows', '1000000', 'The oldest conflicts beyond this many are removed.'),
  ('quarantine_max_days', '30', 'Quarantined frames received more than this many days ago are removed.'),
  ('quarantine_max_rows', '1000000', 'The quarantined frames received first, beyond this many, are removed.');
