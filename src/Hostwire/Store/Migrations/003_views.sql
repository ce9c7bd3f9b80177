-- What people read: every point, the newest points, how fresh each host is, and how fast each counter grows.
-- All of them let a filter on time, host or metric through to the frames, so that old partitions are not even opened.

-- Small rules in one place. They are plain expressions to the planner, which puts them in where they are called.

create function hostwire.seconds_between(earlier timestamptz, later timestamptz) returns double precision
  language sql immutable parallel safe
as $$
  -- Not extract(): since PostgreSQL 14 that takes the detour over numeric, which costs more than all the rest of a rate.
  select date_part('epoch', $2 - $1);
$$;
comment on function hostwire.seconds_between(timestamptz, timestamptz) is 'Seconds from the first time to the second.';

create function hostwire.increase(before double precision, now double precision) returns double precision
  language sql immutable parallel safe
as $$
  select case when $2 >= $1 then $2 - $1 end;
$$;
comment on function hostwire.increase(double precision, double precision) is
  'What a counter has gained from the first value to the second. Null where it fell: it started again in between, and what it had counted until then is not known.';

create function hostwire.percent(part double precision, whole double precision) returns double precision
  language sql immutable parallel safe
as $$
  select 100 * $1 / nullif($2, 0);
$$;
comment on function hostwire.percent(double precision, double precision) is 'The part in percent of the whole; null where the whole is 0.';

create function hostwire.rate_max_absence() returns interval
  language sql immutable parallel safe
as $$
  select interval '15 minutes';
$$;
comment on function hostwire.rate_max_absence() is
  'How far back the value before may lie for a rate. Across a longer absence there is none: an average over hours would be drawn as if it were the last scrape''s.';

create function hostwire.latest_window() returns interval
  language sql immutable parallel safe
as $$
  select interval '15 minutes';
$$;
comment on function hostwire.latest_window() is
  'How long before the newest frame of a host a series may have been seen last to count as its latest. Replace the function where collectors run at longer intervals; the cost of latest grows with it.';

create function hostwire.is_one_machine(host text) returns boolean
  language sql immutable parallel safe
as $$
  select $1 <> 'unknown';
$$;
comment on function hostwire.is_one_machine(text) is
  'Whether a host of this name is known to be one machine. What came without any name is stored as "unknown", and the difference of two machines'' counters means nothing.';

create view hostwire.metrics as
select f.time, h.name as host, m.name as metric, s.attributes, m.unit, m.kind, f.values[p.position] as value, m.temporality, s.scope, f.host_id, p.series_id
from hostwire.frame f
join hostwire.host h on h.host_id = f.host_id
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where f.values[p.position] is not null;
comment on view hostwire.metrics is 'Every point that is stored, one a row. Filter by time, and by host or metric where you can.';
comment on column hostwire.metrics.time is 'The moment of reading, to the microsecond, by the clock of the host.';
comment on column hostwire.metrics.host is 'Name of the host; "unknown" for what came without one.';
comment on column hostwire.metrics.metric is 'OpenTelemetry''s name of the metric, e.g. system.cpu.time.';
comment on column hostwire.metrics.attributes is 'What else names the series, e.g. {"cpu": "cpu0", "state": "user"}.';
comment on column hostwire.metrics.unit is 'Unit in UCUM, e.g. s, By, {packets}, 1.';
comment on column hostwire.metrics.kind is 'gauge, counter or up-down.';
comment on column hostwire.metrics.value is 'The value; a point without one has no row here.';
comment on column hostwire.metrics.temporality is 'cumulative or delta; null for gauges.';
comment on column hostwire.metrics.scope is 'What produced it, e.g. the Collector''s scraper.';
comment on column hostwire.metrics.host_id is 'Number of the host: tells apart two hosts of one name.';
comment on column hostwire.metrics.series_id is 'Number of the series.';

create view hostwire.stale as
select f.time, h.name as host, m.name as metric, s.attributes, m.unit, m.kind, m.temporality, s.scope, f.host_id, p.series_id
from hostwire.frame f
join hostwire.host h on h.host_id = f.host_id
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where f.values[p.position] is null;
comment on view hostwire.stale is 'Points without a value, which metrics leaves out: their sender says that nothing was recorded, most often because a series has come to its end.';
comment on column hostwire.stale.time is 'The time of the point.';
comment on column hostwire.stale.host is 'As in metrics.';
comment on column hostwire.stale.metric is 'As in metrics.';
comment on column hostwire.stale.attributes is 'As in metrics.';
comment on column hostwire.stale.unit is 'As in metrics.';
comment on column hostwire.stale.kind is 'As in metrics.';
comment on column hostwire.stale.temporality is 'As in metrics.';
comment on column hostwire.stale.scope is 'As in metrics.';
comment on column hostwire.stale.host_id is 'As in metrics.';
comment on column hostwire.stale.series_id is 'As in metrics.';

create function hostwire.points(metric text, host text, from_time timestamptz, to_time timestamptz, matching jsonb default '{}')
  returns table ("time" timestamptz, attributes jsonb, value double precision)
  language sql stable parallel safe
as $$
  select p.time, p.attributes, p.value
  from hostwire.metrics p
  where p.metric = $1 and p.host = $2 and p.time >= $3 and p.time < $4 and p.attributes @> $5
  order by p.time;
$$;
comment on function hostwire.points(text, text, timestamptz, timestamptz, jsonb) is
  'The points of one metric of one host from from_time up to, but not including, to_time, whose attributes contain those given, e.g. ''{"state": "idle"}''.';

create view hostwire.freshness as
select h.name as host, newest.time, now() - newest.time as age,
  (select count(distinct f.layout_id) from hostwire.frame f
    where f.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()) as layouts,
  h.host_id
from hostwire.host h
left join lateral (select f.time from hostwire.frame f where f.host_id = h.host_id order by f.time desc limit 1) newest on true;
comment on view hostwire.freshness is 'Every host with the time of its newest frame, however old that is.';
comment on column hostwire.freshness.host is 'Name of the host.';
comment on column hostwire.freshness.time is 'Time of its newest frame; null where none is kept.';
comment on column hostwire.freshness.age is 'How long ago that was; negative where the clock of the host is ahead of the database''s.';
comment on column hostwire.freshness.layouts is 'How many layouts its frames of the last hostwire.latest_window() before that had; many more than it has collectors means that its series come and go.';
comment on column hostwire.freshness.host_id is 'Number of the host: tells apart two hosts of one name.';

-- "limit 1" on a primary key looks idle: it keeps the planner from reading the frame in any other way than by its key. So does "having", which
-- always holds: without it the planner counts a row for each partition there is, expects millions, and compiles (JIT) for longer than it runs.
create view hostwire.latest as
select * from (
  select distinct on (h.host_id, s.series_id, h.name, m.name)
    l.time, h.name as host, m.name as metric, s.attributes, m.unit, m.kind, f.values[p.position] as value, now() - l.time as age, s.scope, h.host_id, s.series_id
  from hostwire.host h
  cross join lateral (
    select f.time from hostwire.frame f where f.host_id = h.host_id and f.time > now() - interval '2 days' order by f.time desc limit 1) newest
  cross join lateral (
    select f.layout_id, max(f.time) as time from hostwire.frame f
    where f.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()
    group by f.layout_id
    having min(f.time) <= newest.time and max(f.time) <= newest.time and max(f.time) > newest.time - hostwire.latest_window()) l
  cross join lateral (select f.values from hostwire.frame f where f.host_id = h.host_id and f.time = l.time and f.layout_id = l.layout_id limit 1) f
  join hostwire.layout_series p on p.layout_id = l.layout_id
  join hostwire.series s on s.series_id = p.series_id
  join hostwire.metric m on m.metric_id = s.metric_id
  order by h.host_id, s.series_id, h.name, m.name, l.time desc) newest
where value is not null;
comment on view hostwire.latest is
  'The newest value of every series of every host. Looks at the hostwire.latest_window() before the newest frame of a host that sent within two days: a series not seen in it is gone.';
comment on column hostwire.latest.time is 'When the value was read.';
comment on column hostwire.latest.host is 'Name of the host.';
comment on column hostwire.latest.metric is 'Name of the metric.';
comment on column hostwire.latest.attributes is 'What else names the series.';
comment on column hostwire.latest.unit is 'Unit in UCUM.';
comment on column hostwire.latest.kind is 'gauge, counter or up-down.';
comment on column hostwire.latest.value is 'The value. A series whose newest point says "no value" has no row.';
comment on column hostwire.latest.age is 'How long ago the value was read.';
comment on column hostwire.latest.scope is 'What produced it.';
comment on column hostwire.latest.host_id is 'Number of the host: tells apart two hosts of one name.';
comment on column hostwire.latest.series_id is 'Number of the series.';

create function hostwire.point_before(host_id integer, series_id integer, point_time timestamptz, out "time" timestamptz, out value double precision)
  language sql stable parallel safe cost 10
as $$
  select f.time, f.values[p.position]
  from hostwire.frame f
  join hostwire.layout_series p on p.layout_id = f.layout_id
  where f.host_id = $1 and p.series_id = $2 and f.time < $3 and f.time >= $3 - hostwire.rate_max_absence() and f.values[p.position] is not null
  order by f.time desc limit 1;
$$;
comment on function hostwire.point_before(integer, integer, timestamptz) is
  'The newest point that a series of a host has before a time, whatever layout it came in, within hostwire.rate_max_absence().';

create function hostwire.layouts_between(host_id integer, layout_id integer, earlier timestamptz, later timestamptz) returns integer[]
  language sql stable parallel safe
as $$
  select array(select f.layout_id from hostwire.frame f where f.host_id = $1 and f.time > $3 and f.time < $4 and f.layout_id <> $2 group by f.layout_id);
$$;
comment on function hostwire.layouts_between(integer, integer, timestamptz, timestamptz) is
  'The other layouts that a host has sent between two times. A function because the planner cannot know that this is never more than a moment, and would plan for all days.';

-- The value before is looked up and not taken by a window function: lag() would have to see every older frame before a filter on time may
-- drop any. "security_barrier" makes the planner do the look-up once a frame and not once a point, and still lets plain filters on time and
-- host through.
create view hostwire.frame_pair with (security_barrier) as
select f.time, h.name as host, f.host_id, f.layout_id, f.values, b.time as time_before, b.values as values_before,
  case when exists (
    select from hostwire.frame o where o.host_id = f.host_id and o.time > b.time and o.time < f.time and o.layout_id <> f.layout_id)
    then hostwire.layouts_between(f.host_id, f.layout_id, b.time, f.time) else '{}' end as layouts_between
from hostwire.frame f
join hostwire.host h on h.host_id = f.host_id
left join lateral (
  select b.time, b.values from hostwire.frame b
  where b.host_id = f.host_id and b.layout_id = f.layout_id and b.time < f.time and b.time >= f.time - hostwire.rate_max_absence()
  order by b.time desc limit 1) b on hostwire.is_one_machine(h.name);
comment on view hostwire.frame_pair is 'Every frame with the one before it of the same layout; the view rates is made of it.';
comment on column hostwire.frame_pair.time is 'Time of the frame.';
comment on column hostwire.frame_pair.host is 'Name of the host.';
comment on column hostwire.frame_pair.host_id is 'Number of the host.';
comment on column hostwire.frame_pair.layout_id is 'Layout of both frames.';
comment on column hostwire.frame_pair.values is 'Values of the frame.';
comment on column hostwire.frame_pair.time_before is 'Time of the frame before; null where there is none within hostwire.rate_max_absence(), and for host "unknown".';
comment on column hostwire.frame_pair.values_before is 'Values of the frame before.';
comment on column hostwire.frame_pair.layouts_between is 'Other layouts that the host has sent between the two.';

-- The value before usually stands in the frame before of the same layout. Not so where a layout between has the series too (a device came or
-- went, or two programs report the same host), or where that frame has no value for it: then point_before() searches what the host sent.
-- A fence again, so that what is made of the two values below is not made of the whole expression, several times over.
create view hostwire.point_pair with (security_barrier) as
select f.time, f.host, f.host_id, m.name as metric, s.attributes, m.unit, m.temporality, s.scope, p.series_id, f.values[p.position] as value,
  case
    when f.values_before[p.position] is not null and (f.layouts_between = '{}' or not exists (
      select from hostwire.layout_series q where q.series_id = p.series_id and q.layout_id = any (f.layouts_between)))
      then f.values_before[p.position]
    when hostwire.is_one_machine(f.host) then (hostwire.point_before(f.host_id, p.series_id, f.time)).value
  end as value_before,
  case
    when f.values_before[p.position] is not null and (f.layouts_between = '{}' or not exists (
      select from hostwire.layout_series q where q.series_id = p.series_id and q.layout_id = any (f.layouts_between)))
      then f.time_before
    when hostwire.is_one_machine(f.host) then (hostwire.point_before(f.host_id, p.series_id, f.time)).time
  end as time_before
from hostwire.frame_pair f
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where m.kind = 'counter' and f.values[p.position] is not null;
comment on view hostwire.point_pair is 'Every point of every counter with the one before it; the view rates is made of it.';
comment on column hostwire.point_pair.time is 'Time of the point.';
comment on column hostwire.point_pair.host is 'Name of the host.';
comment on column hostwire.point_pair.host_id is 'Number of the host.';
comment on column hostwire.point_pair.metric is 'Name of the counter.';
comment on column hostwire.point_pair.attributes is 'What else names the series.';
comment on column hostwire.point_pair.unit is 'Unit of the values.';
comment on column hostwire.point_pair.temporality is 'cumulative or delta.';
comment on column hostwire.point_pair.scope is 'What produced it.';
comment on column hostwire.point_pair.series_id is 'Number of the series.';
comment on column hostwire.point_pair.value is 'The value.';
comment on column hostwire.point_pair.value_before is 'The value of the point before; null where there is none.';
comment on column hostwire.point_pair.time_before is 'The time of the point before; null where there is none.';

create view hostwire.rates as
select time, host, metric, attributes, unit, value, value_before, hostwire.seconds_between(time_before, time) as seconds,
  case temporality when 'delta' then value else hostwire.increase(value_before, value) end as increase,
  case temporality when 'delta' then value else hostwire.increase(value_before, value) end / hostwire.seconds_between(time_before, time) as rate,
  temporality, scope, host_id, series_id
from hostwire.point_pair;
comment on view hostwire.rates is
  'Every point of every counter with the one before it and how fast the counter grew in between. Where there is nothing to compare with, the rate is null: '
  'at the first point, after more than hostwire.rate_max_absence(), where the counter started again, and for host "unknown".';
comment on column hostwire.rates.time is 'When the value was read: the end of the interval.';
comment on column hostwire.rates.host is 'Name of the host.';
comment on column hostwire.rates.metric is 'Name of the counter.';
comment on column hostwire.rates.attributes is 'What else names the series.';
comment on column hostwire.rates.unit is 'Unit of value and increase; the rate is in this unit per second.';
comment on column hostwire.rates.value is 'The value.';
comment on column hostwire.rates.value_before is 'The value of the point before; null where there is none.';
comment on column hostwire.rates.seconds is 'Seconds since the point before.';
comment on column hostwire.rates.increase is 'What was counted since the point before; null where the counter fell. For a delta counter, its value.';
comment on column hostwire.rates.rate is 'increase by seconds.';
comment on column hostwire.rates.temporality is 'cumulative or delta.';
comment on column hostwire.rates.scope is 'What produced it.';
comment on column hostwire.rates.host_id is 'Number of the host: tells apart two hosts of one name.';
comment on column hostwire.rates.series_id is 'Number of the series.';
