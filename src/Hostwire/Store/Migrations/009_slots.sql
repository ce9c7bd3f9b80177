-- A shorter key for frame. With (host_id, time, layout_id) an entry took 36 bytes, eight of them between columns, and PostgreSQL splits pages of entries that long in halves, of which
-- one is never filled again. What told frames of one host and time apart, their layout, gives way to a small number that is 0 for nearly all of them: see
-- docs/adr/0042-slots.md.

-- No default: a sink of a version that knows no slots is refused, and waits; it would take a second frame of one host and time for the first one sent again.
alter table hostwire.frame add column slot smallint not null default 0;
alter table hostwire.frame alter column slot drop default;
comment on column hostwire.frame.slot is
  'Tells the frames of one host and time apart: 0 for the first, so there is one of slot 0 wherever there is any. Most hosts never have another.';

do $$
declare
  partition regclass;
begin
  for partition in select inhrelid from pg_inherits where inhparent = 'hostwire.frame'::regclass loop
    execute format('update %s f set slot = n.slot
      from (select host_id, time, layout_id, row_number() over (partition by host_id, time order by layout_id) - 1 as slot from %1$s) n
      where n.slot > 0 and f.host_id = n.host_id and f.time = n.time and f.layout_id = n.layout_id', partition);
  end loop;
end
$$;
alter table hostwire.frame drop constraint frame_pkey;
alter table hostwire.frame add primary key (host_id, slot, time);

create table hostwire.host_slot (
  host_id integer not null references hostwire.host on delete cascade,
  slot smallint not null check (slot >= 0),
  primary key (host_id, slot)
);
comment on table hostwire.host_slot is 'The slots that each host has used: from here queries go to the frames of a host, slot by slot.';
comment on column hostwire.host_slot.host_id is 'The host.';
comment on column hostwire.host_slot.slot is 'The slot: 0 for every host, others for those with several frames of one time.';
alter table hostwire.host_slot set (autovacuum_analyze_threshold = 1);

insert into hostwire.host_slot select host_id, 0 from hostwire.host;
insert into hostwire.host_slot select distinct host_id, slot from hostwire.frame where slot > 0 on conflict do nothing;
analyze hostwire.host_slot;

create or replace view hostwire.metrics as
select f.time, h.name as host, m.name as metric, s.attributes, m.unit, m.kind, f.values[p.position] as value, m.temporality, s.scope, f.host_id, p.series_id
from hostwire.host h
join hostwire.host_slot o on o.host_id = h.host_id
join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where f.values[p.position] is not null;

create or replace view hostwire.stale as
select f.time, h.name as host, m.name as metric, s.attributes, m.unit, m.kind, m.temporality, s.scope, f.host_id, p.series_id
from hostwire.host h
join hostwire.host_slot o on o.host_id = h.host_id
join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where f.values[p.position] is null;

-- The newest frame is one of slot 0, as is one of every time.
create or replace view hostwire.freshness as
select h.name as host, newest.time, now() - newest.time as age,
  (select count(distinct f.layout_id) from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
    where o.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()) as layouts,
  h.host_id
from hostwire.host h
left join lateral (select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 order by f.time desc limit 1) newest on true;

create or replace view hostwire.latest_layout with (security_barrier) as
select h.host_id, h.name as host, l.layout_id, l.time
from hostwire.host h
cross join lateral (
  select f.time from hostwire.frame f where f.host_id = h.host_id and f.slot = 0 and f.time > now() - interval '2 days' order by f.time desc limit 1) newest
cross join lateral (
  select f.layout_id, max(f.time) as time from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
  where o.host_id = h.host_id and f.time <= newest.time and f.time > newest.time - hostwire.latest_window()
  group by f.layout_id
  having min(f.time) <= newest.time and max(f.time) <= newest.time and max(f.time) > newest.time - hostwire.latest_window()) l;

create or replace view hostwire.latest as
select * from (
  select distinct on (l.host_id, s.series_id, l.host, m.name)
    l.time, l.host, m.name as metric, s.attributes, m.unit, m.kind, f.values[p.position] as value, now() - l.time as age, s.scope, l.host_id, s.series_id
  from hostwire.latest_layout l
  join hostwire.layout_series p on p.layout_id = l.layout_id
  join hostwire.series s on s.series_id = p.series_id
  join hostwire.metric m on m.metric_id = s.metric_id
  cross join lateral (
    select f.values from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
    where o.host_id = l.host_id and f.time = l.time and f.layout_id = l.layout_id limit 1) f
  order by l.host_id, s.series_id, l.host, m.name, l.time desc) newest
where value is not null;

create or replace function hostwire.point_before(host_id integer, series_id integer, point_time timestamptz, out "time" timestamptz, out value double precision)
  language sql stable parallel safe cost 10
as $$
  select n.time, n.value
  from hostwire.host_slot o
  cross join lateral (
    select f.time, f.values[p.position] as value
    from hostwire.frame f
    join hostwire.layout_series p on p.layout_id = f.layout_id
    where f.host_id = o.host_id and f.slot = o.slot and p.series_id = $2 and f.time < $3 and f.time >= $3 - hostwire.rate_max_absence() and f.values[p.position] is not null
    order by f.time desc limit 1) n
  where o.host_id = $1
  order by n.time desc limit 1;
$$;

create or replace function hostwire.layouts_between(host_id integer, layout_id integer, earlier timestamptz, later timestamptz) returns integer[]
  language sql stable parallel safe
as $$
  select array(
    select f.layout_id from hostwire.host_slot o join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
    where o.host_id = $1 and f.time > $3 and f.time < $4 and f.layout_id <> $2 group by f.layout_id);
$$;

create or replace view hostwire.frame_pair with (security_barrier) as
select f.time, h.name as host, f.host_id, f.layout_id, f.values, b.time as time_before, b.values as values_before,
  case when exists (
    select from hostwire.host_slot q join hostwire.frame o on o.host_id = q.host_id and o.slot = q.slot
    where q.host_id = f.host_id and o.time > b.time and o.time < f.time and o.layout_id <> f.layout_id)
    then hostwire.layouts_between(f.host_id, f.layout_id, b.time, f.time) else '{}' end as layouts_between
from hostwire.host h
join hostwire.host_slot s on s.host_id = h.host_id
join hostwire.frame f on f.host_id = s.host_id and f.slot = s.slot
left join lateral (
  select n.time, n.values
  from hostwire.host_slot q
  cross join lateral (
    select b.time, b.values from hostwire.frame b
    where b.host_id = q.host_id and b.slot = q.slot and b.layout_id = f.layout_id and b.time < f.time and b.time >= f.time - hostwire.rate_max_absence()
    order by b.time desc limit 1) n
  where q.host_id = f.host_id
  order by n.time desc limit 1) b on hostwire.is_one_machine(h.name);

create or replace view hostwire.distribution_part as
select f.time, h.name as host, m.source_name as metric, m.source_unit as unit, m.source_kind, m.part, m.temporality,
  case m.part
    when 'bucket' then (s.attributes ->> 'le')::double precision
    when 'quantile' then (s.attributes ->> 'quantile')::double precision
    when 'positive_bucket' then (s.attributes ->> 'place')::double precision
    when 'negative_bucket' then (s.attributes ->> 'place')::double precision
  end as label,
  max(f.values[p.position]) as value, s.attributes, s.scope, f.host_id, s.series_id, s.source_identity
from hostwire.host h
join hostwire.host_slot o on o.host_id = h.host_id
join hostwire.frame f on f.host_id = o.host_id and f.slot = o.slot
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where m.source_kind is not null
group by f.time, h.name, f.host_id, m.metric_id, s.series_id;
