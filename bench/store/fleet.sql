-- Fills an empty, migrated database with a made-up fleet, so that queries can be timed on it:
--
--   hostwire db migrate
--   psql -v hosts=1000 -v minutes=60 -f bench/store/fleet.sql
--   psql -f bench/store/queries.sql
--
-- One host in ten is fed by an OpenTelemetry Collector (a frame for each scraper), the others by agents (a frame every 10 s, filesystems every
-- minute), in 26 shapes of 2 to 16 CPUs, 1 to 3 disks, 2 to 3 interfaces. Frames are stored in the order in which they would have come.
\set ON_ERROR_STOP 1
set client_min_messages = warning;
drop schema if exists bench cascade;
create schema bench;

insert into hostwire.metric (identity, name, unit, kind, temporality)
select sha256(convert_to(name, 'UTF8')), name, unit, kind, temporality from (values
  ('system.cpu.time', 's', 'counter', 'cumulative'), ('system.cpu.utilization', '1', 'gauge', null), ('system.cpu.frequency', 'Hz', 'gauge', null),
  ('system.cpu.load_average.1m', '{thread}', 'gauge', null), ('system.cpu.load_average.5m', '{thread}', 'gauge', null), ('system.cpu.load_average.15m', '{thread}', 'gauge', null),
  ('system.memory.usage', 'By', 'up-down', 'cumulative'), ('system.memory.limit', 'By', 'up-down', 'cumulative'), ('system.linux.memory.available', 'By', 'up-down', 'cumulative'),
  ('system.network.io', 'By', 'counter', 'cumulative'), ('system.network.packets', '{packets}', 'counter', 'cumulative'),
  ('system.network.errors', '{errors}', 'counter', 'cumulative'), ('system.network.dropped', '{packets}', 'counter', 'cumulative'),
  ('system.disk.io', 'By', 'counter', 'cumulative'), ('system.disk.operations', '{operations}', 'counter', 'cumulative'),
  ('system.disk.merged', '{operations}', 'counter', 'cumulative'), ('system.disk.operation_time', 's', 'counter', 'cumulative'),
  ('system.disk.io_time', 's', 'counter', 'cumulative'), ('system.disk.weighted_io_time', 's', 'counter', 'cumulative'),
  ('system.disk.pending_operations', '{operations}', 'up-down', 'cumulative'),
  ('system.filesystem.usage', 'By', 'up-down', 'cumulative'), ('system.filesystem.inodes.usage', '{inodes}', 'up-down', 'cumulative')) m (name, unit, kind, temporality);

-- Every series that some shape has; rank is the number of its CPU, interface or disk.
create table bench.series as
select metric, attributes, scraper, rank, sha256(convert_to(metric || attributes::text, 'UTF8')) as identity from (
  select 'system.cpu.time' as metric, jsonb_build_object('cpu', 'cpu' || c, 'state', state) as attributes, 'cpu' as scraper, c as rank
  from generate_series(0, 15) c, unnest('{user,system,idle,interrupt,nice,softirq,steal,wait}'::text[]) state
  union all
  select 'system.cpu.utilization', jsonb_build_object('cpu', 'cpu' || c, 'state', state), 'utilization', c
  from generate_series(0, 3) c, unnest('{user,system,idle,interrupt,nice,softirq,steal,wait}'::text[]) state
  union all
  select 'system.cpu.frequency', jsonb_build_object('cpu', 'cpu' || c), 'frequency', c from generate_series(0, 15) c
  union all
  select metric, '{}', 'load', 0 from unnest('{system.cpu.load_average.1m,system.cpu.load_average.5m,system.cpu.load_average.15m}'::text[]) metric
  union all
  select 'system.memory.usage', jsonb_build_object('state', state), 'memory', 0 from unnest('{used,free,buffered,cached,slab_reclaimable,slab_unreclaimable}'::text[]) state
  union all
  select metric, '{}', 'limits', 0 from unnest('{system.memory.limit,system.linux.memory.available}'::text[]) metric
  union all
  select metric, jsonb_build_object('device', device, 'direction', direction), 'network', n::integer - 1
  from unnest('{system.network.io,system.network.packets,system.network.errors,system.network.dropped}'::text[]) metric,
    unnest('{lo,eth0,docker0}'::text[]) with ordinality d (device, n), unnest('{receive,transmit}'::text[]) direction
  union all
  select metric, jsonb_build_object('device', device, 'direction', direction), 'disk', n::integer - 1
  from unnest('{system.disk.io,system.disk.operations,system.disk.merged,system.disk.operation_time}'::text[]) metric,
    unnest('{vda,vdb,vdc}'::text[]) with ordinality d (device, n), unnest('{read,write}'::text[]) direction
  union all
  select metric, jsonb_build_object('device', device), 'disk', n::integer - 1
  from unnest('{system.disk.io_time,system.disk.weighted_io_time,system.disk.pending_operations}'::text[]) metric, unnest('{vda,vdb,vdc}'::text[]) with ordinality d (device, n)
  union all
  select metric, jsonb_build_object('device', '/dev/' || device, 'mode', 'rw', 'mountpoint', '/mnt/' || device, 'type', 'ext4', 'state', state), 'filesystem', n::integer - 1
  from unnest('{vda,vdb,vdc}'::text[]) with ordinality d (device, n), (values
    ('system.filesystem.usage', 'used'), ('system.filesystem.usage', 'free'), ('system.filesystem.usage', 'reserved'),
    ('system.filesystem.inodes.usage', 'used'), ('system.filesystem.inodes.usage', 'free')) s (metric, state)) s;

insert into hostwire.series (identity, metric_id, scope, attributes)
select s.identity, m.metric_id, '', s.attributes from bench.series s join hostwire.metric m on m.name = s.metric order by s.identity;

create table bench.shape as
select row_number() over () as shape, * from (
  select 'agent' as sender, cpus, disks, interfaces from unnest('{2,4,8,16}'::integer[]) cpus, generate_series(1, 3) disks, generate_series(2, 3) interfaces
  union all
  select 'collector', cpus, 1, 2 from unnest('{2,4}'::integer[]) cpus) s;

create table bench.layout as
select shape, name, array_agg(identity order by identity) as series, sha256(string_agg(identity, ''::bytea order by identity)) as identity, count(*) as size
from (
  select h.shape, case when h.sender = 'collector' then s.scraper when s.scraper = 'filesystem' then 'slow' else 'fast' end as name, s.identity
  from bench.shape h join bench.series s
    on (h.sender = 'agent' or s.scraper not in ('utilization', 'frequency', 'limits'))
    and s.rank < case s.scraper
      when 'cpu' then h.cpus when 'frequency' then h.cpus when 'utilization' then 4
      when 'network' then h.interfaces when 'disk' then h.disks when 'filesystem' then h.disks else 1 end) l
group by shape, name;

insert into hostwire.layout (identity) select distinct identity from bench.layout;
insert into hostwire.layout_series (layout_id, position, series_id)
select l.layout_id, o.place, s.series_id
from (select distinct identity, series from bench.layout) b
join hostwire.layout l on l.identity = b.identity
cross join lateral unnest(b.series) with ordinality o (identity, place)
join hostwire.series s on s.identity = o.identity;

insert into hostwire.host (identity, name) select sha256(convert_to('host' || n, 'UTF8')), 'host' || lpad(n::text, 5, '0') from generate_series(1, :hosts) n;
create table bench.host_layout as
select h.host_id, l.layout_id, b.name, b.size, row_number() over (partition by h.host_id order by b.name) - 1 as place
from hostwire.host h
join bench.layout b on b.shape = case when h.host_id % 10 = 0 then 25 + (h.host_id / 10) % 2 else 1 + h.host_id % 24 end
join hostwire.layout l on l.identity = b.identity;

select hostwire.ensure_partition((now() at time zone 'UTC')::date - n) from generate_series(-3, 30) n \g /dev/null
insert into hostwire.host_slot select host_id, 0 from hostwire.host;
insert into hostwire.frame (time, host_id, layout_id, slot, values)
select tick + l.place * interval '1 millisecond' + l.host_id * interval '7 milliseconds', l.host_id, l.layout_id, 0,
  array(select floor(1e6 + extract(epoch from tick) + n * 10 + l.host_id + random() * 3)::double precision from generate_series(1, l.size) n)
from generate_series(date_trunc('minute', now()) - :minutes * interval '1 minute', date_trunc('minute', now()) - interval '1 second', interval '10 seconds') tick
join bench.host_layout l on l.name <> 'slow' or extract(second from tick) < 10
order by tick, l.host_id, l.place;
-- As autovacuum does, which leaves empty partitions alone: to a planner that knows them as empty they would look cheaper than they ever are.
select format('vacuum analyze hostwire.%I', relname) from pg_class
where relnamespace = 'hostwire'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0 \gexec
select count(*) as frames, sum(cardinality(values)) as points from hostwire.frame;
