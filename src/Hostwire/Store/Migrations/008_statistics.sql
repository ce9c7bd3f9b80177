-- What bench/query has shown: without statistics of the dictionary's tables the planner takes a metric for one series, and works through the frames of a host
-- once for each place of a value; and latest fetched frames of layouts that do not hold the metric that was asked for.

-- By default autovacuum looks at a table when fifty rows have changed. A fleet often has fewer metrics and layouts than that, and they stayed unknown for ever.
alter table hostwire.host set (autovacuum_analyze_threshold = 1);
alter table hostwire.metric set (autovacuum_analyze_threshold = 1);
alter table hostwire.series set (autovacuum_analyze_threshold = 1);
alter table hostwire.layout set (autovacuum_analyze_threshold = 1);
alter table hostwire.layout_series set (autovacuum_analyze_threshold = 1);
-- What is there already would wait for its next change.
analyze hostwire.host, hostwire.metric, hostwire.series, hostwire.layout, hostwire.layout_series;

-- A fence, so that the layouts of each host are found once, before they are joined with anything. "limit 1" and "having" as in latest before: they keep the planner to the
-- key, and from expecting a row for each partition there is.
create view hostwire.latest_layout with (security_barrier) as
select h.host_id, h.name as host, l.layout_id, l.time
from hostwire.host h
cross join lateral (
  select f.time from hostwire.frame f where f.host_id = h.host_id and f.time > now() - interval '2 days' order by f.time desc limit 1) newest
cross join lateral (
  select f.layout_id, max(f.time) as time from hostwire.frame f
  where f.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()
  group by f.layout_id
  having min(f.time) <= newest.time and max(f.time) <= newest.time and max(f.time) > newest.time - hostwire.latest_window()) l;
comment on view hostwire.latest_layout is 'Every layout that a host has sent in the hostwire.latest_window() before its newest frame, with the newest time of each; the view latest is made of it.';
comment on column hostwire.latest_layout.host_id is 'Number of the host.';
comment on column hostwire.latest_layout.host is 'Name of the host.';
comment on column hostwire.latest_layout.layout_id is 'The layout.';
comment on column hostwire.latest_layout.time is 'Time of the newest frame of that layout.';

-- Frames come last: only those of layouts that hold what was asked for.
create or replace view hostwire.latest as
select * from (
  select distinct on (l.host_id, s.series_id, l.host, m.name)
    l.time, l.host, m.name as metric, s.attributes, m.unit, m.kind, f.values[p.position] as value, now() - l.time as age, s.scope, l.host_id, s.series_id
  from hostwire.latest_layout l
  join hostwire.layout_series p on p.layout_id = l.layout_id
  join hostwire.series s on s.series_id = p.series_id
  join hostwire.metric m on m.metric_id = s.metric_id
  cross join lateral (select f.values from hostwire.frame f where f.host_id = l.host_id and f.time = l.time and f.layout_id = l.layout_id limit 1) f
  order by l.host_id, s.series_id, l.host, m.name, l.time desc) newest
where value is not null;
