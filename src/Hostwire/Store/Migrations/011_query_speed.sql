-- What bench/query has shown since there are slots: see docs/adr/0045-statistics-of-slots.md.

-- Autovacuum never analyzes a partitioned table itself. Where nothing is known of frame.slot the planner takes it for one of 200 values, expects two frames instead of hundreds, and goes through a host's
-- frames once for every series. One row of three hundred tells that nearly all are 0; of two rows it would be told that no two are alike, but for the count of values that is set here.
alter table hostwire.frame alter column slot set statistics 1;
alter table hostwire.frame alter column slot set (n_distinct_inherited = 1);

create function hostwire.analyze_frames() returns boolean
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set lock_timeout = '200ms'
as $$
begin
  if exists (select from pg_stats where schemaname = 'hostwire' and tablename = 'frame' and attname = 'slot' and inherited) or not exists (select from hostwire.frame) then
    return false;
  end if;
  analyze (skip_locked) hostwire.frame (slot);
  return true;
end
$$;
comment on function hostwire.analyze_frames() is
  'Tells the planner about the slots of frame as soon as there are frames, and after a restore; sinks call it every hour. Returns whether there was anything to do.';
revoke all on function hostwire.analyze_frames() from public;
select hostwire.analyze_frames();

-- As before, but for the statistics of slot, which are not copied from frame.
create or replace function hostwire.ensure_partition(day date) returns boolean
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set lock_timeout = '5s'
as $$
declare
  partition text := format('frame_%s', to_char(day::timestamp, 'YYYYMMDD'));
begin
  if day is null or not hostwire.is_kept(day) then
    return false;
  end if;
  if hostwire.has_table(partition) then
    return true;
  end if;

  -- One at a time; whoever waited here looks again. The lock goes with the transaction.
  perform pg_advisory_xact_lock(hashtext('hostwire'), hashtext('partitions'));
  if hostwire.has_table(partition) then
    return true;
  end if;

  -- "create table ... partition of" would lock the parent against reading and writing. Attaching a finished table does not: it waits for
  -- no query and no query waits for it. The new table is empty, so attaching has nothing to scan and needs no check constraint to skip
  -- it, which every later row would pay for. Statistics of the arrays serve no plan and are dear to gather.
  execute format('create table hostwire.%I (like hostwire.frame including defaults including comments including indexes including storage)', partition);
  execute format('alter table hostwire.%I alter column values set statistics 0, alter column slot set statistics 1', partition);
  execute format('comment on table hostwire.%I is %L', partition, format('Frames of %s (UTC).', to_char(day::timestamp, 'YYYY-MM-DD')));
  execute format('alter table hostwire.frame attach partition hostwire.%I for values from (%L) to (%L)', partition,
    to_char(day::timestamp, 'YYYY-MM-DD') || ' 00:00:00+00', to_char((day + 1)::timestamp, 'YYYY-MM-DD') || ' 00:00:00+00');
  return true;
end
$$;

-- Five minutes are what Prometheus looks back, too, and a third of the work: of a layout that nobody sends any more only the whole window tells. Whoever has set another keeps it.
do $$
begin
  if hostwire.latest_window() = interval '15 minutes' then
    create or replace function hostwire.latest_window() returns interval
      language sql immutable parallel safe
    as $body$
      select interval '5 minutes';
    $body$;
  end if;
end
$$;

-- The three metrics of memory, and of network, are made of one reading of the frames. "values" comes first in the plan, so that a filter on another metric leaves the frames unread.
create or replace view hostwire.system_metrics as
select hostwire.sample_id(h.identity, v.metric, v.time) as id, v.time as datetime, v.host as hostname, v.metric, v.value, v.type, v.unit, v.host_id
from (
  select time, host, host_id, 'total_cpu' as metric, busy_percent as value, 'gauge' as type, '%' as unit
  from (
    select time, host, host_id, 100 - hostwire.percent(coalesce(sum(gained) filter (where state = 'idle'), 0), sum(gained)) as busy_percent
    from hostwire.cpu_step
    group by time, host, host_id
    having sum(change) > 0 and not bool_or(fell)) cpu
  union all
  select time, host, host_id, 'current_cpu_frequency', hertz / 1000000, 'gauge', 'MHz'
  from (
    select time, host, host_id, avg(value) as hertz
    from hostwire.reading
    where metric = 'system.cpu.frequency'
    group by time, host, host_id) frequency
  union all
  select m.time, m.host, m.host_id, n.metric,
    case n.metric when 'memory_use' then m.used_bytes when 'available_memory' then m.available_bytes else m.used_percent end, 'gauge', n.unit
  from (values ('memory_use', 'By'), ('available_memory', 'By'), ('percent_memory_use', '%')) n (metric, unit)
  cross join hostwire.memory m
  union all
  select t.time, t.host, t.host_id, n.metric,
    case n.metric when 'network_traffic_in' then t.received_bytes when 'network_traffic_out' then t.sent_bytes else t.received_bytes + t.sent_bytes end, 'counter', 'By'
  from (values ('network_traffic_in'), ('network_traffic_out'), ('total_network_traffic')) n (metric)
  cross join hostwire.network_total t
  union all
  -- What the demo's own programs send has these names already; the scope tells it from anybody else's metric of such a name.
  select time, host, host_id, metric, value, kind, unit
  from hostwire.metrics
  where scope = 'system_metrics' and metric in (
    'total_cpu', 'current_cpu_frequency', 'memory_use', 'available_memory', 'percent_memory_use', 'network_traffic_in', 'network_traffic_out', 'total_network_traffic')) v
join hostwire.host h on h.host_id = v.host_id
where v.value is not null;

-- What is not kept any more makes room at once, although the file does not shrink.
create function hostwire.has_room_for_payloads() returns boolean
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(sum(octet_length(payload)), 0) < hostwire.limit_of('dead_letter_max_bytes') from hostwire.dead_letter;
$$;
comment on function hostwire.has_room_for_payloads() is 'Whether the payloads of all dead letters together are below dead_letter_max_bytes.';
revoke all on function hostwire.has_room_for_payloads() from public;

-- A host whose clock was ahead for a moment has frames of hours to come: until they have come its newest frame is the newest of those that are not ahead.
create or replace view hostwire.freshness as
select h.name as host, newest.time, now() - newest.time as age,
  (select count(distinct f.layout_id) from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
    where o.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()) as layouts,
  h.host_id
from hostwire.host h
cross join lateral (
  select coalesce(
    (select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 and f.time <= now() + interval '1 minute' order by f.time desc limit 1),
    (select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 order by f.time desc limit 1)) as time
  offset 0) newest;

create or replace view hostwire.latest_layout with (security_barrier) as
select h.host_id, h.name as host, l.layout_id, l.time
from hostwire.host h
cross join lateral (
  select coalesce(
    (select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 and f.time > now() - interval '2 days' and f.time <= now() + interval '1 minute' order by f.time desc limit 1),
    (select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 and f.time > now() - interval '2 days' order by f.time desc limit 1)) as time
  offset 0) newest
cross join lateral (
  select f.layout_id, max(f.time) as time from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
  where o.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()
  group by f.layout_id
  having min(f.time) <= newest.time and max(f.time) <= newest.time and max(f.time) > newest.time - hostwire.latest_window()) l;
