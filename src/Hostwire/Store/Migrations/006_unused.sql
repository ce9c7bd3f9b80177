-- Rows of the dictionary that nothing refers to any more are removed: marked first, deleted a day later. Why no sink can store a frame of what
-- is being deleted: docs/adr/0028-unused-rows-go-in-two-steps.md.

alter table hostwire.layout add column last_seen timestamptz not null default now();
alter table hostwire.metric add column marked_at timestamptz;
-- Until now it was written only when a sink looked the host up, which may be long ago: so all count as seen now.
update hostwire.host set last_seen = now();
comment on column hostwire.host.last_seen is 'When a sink last used the host, to the UTC day: it is written once a day. For when the host last sent see the view freshness.';
comment on column hostwire.layout.last_seen is 'When a sink last used the layout, to the UTC day: it is written once a day.';
comment on column hostwire.metric.marked_at is 'Set when no series refers to the metric any more; it is removed a day later unless a sink meets it again.';

insert into hostwire.setting (name, value, description) values
  ('unused_hours', '24', 'Layouts, hosts, series and metrics that nothing refers to are removed when they have been marked for this many hours.');

create function hostwire.unused_before() returns timestamptz
  language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  -- Every frame lies in one of these partitions, and was stored at most three days before its own day: see is_kept().
  select (least((now() at time zone 'UTC')::date - hostwire.retention_days(), min(to_date(substr(c.relname, 7), 'YYYYMMDD'))) - 3)::timestamp at time zone 'UTC'
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'hostwire.frame'::regclass and c.relname ~ '^frame_[0-9]{8}$';
$$;
comment on function hostwire.unused_before() is 'Hosts and layouts that were last seen before this time have no frame left: three days before the oldest day of which there may be frames.';

create function hostwire.remove_unused(kind text) returns table (marked bigint, removed bigint, is_partial boolean)
  language plpgsql strict security definer
  set search_path = pg_catalog, pg_temp
  -- Sinks wait behind this while it waits for one of them.
  set lock_timeout = '2s'
as $$
declare
  unused constant text := case kind
    when 'layout' then 't.last_seen < (select hostwire.unused_before())
      and not exists (select from hostwire.quarantine q where q.layout_id = t.layout_id) and not exists (select from hostwire.conflict c where c.layout_id = t.layout_id)'
    when 'host' then 't.last_seen < (select hostwire.unused_before())
      and not exists (select from hostwire.quarantine q where q.host_id = t.host_id) and not exists (select from hostwire.conflict c where c.host_id = t.host_id)'
    when 'series' then 'not exists (select from hostwire.layout_series l where l.series_id = t.series_id)'
    when 'metric' then 'not exists (select from hostwire.series s where s.metric_id = t.metric_id)'
  end;
  old constant text := 't.marked_at <= now() - hostwire.limit_of(''unused_hours'') * interval ''1 hour''';
  -- At once; sinks wait meanwhile. A layout has up to 240 rows in layout_series.
  rows_max constant integer := case when kind in ('layout', 'host') then 2000 else 20000 end;
  leaving integer[];
  entering integer[];
begin
  if unused is null then
    raise exception 'There are layouts, hosts, series and metrics in the dictionary, not %.', kind using errcode = 'invalid_parameter_value';
  end if;
  -- What others commit while this waits for a lock has to be seen by the statements after it.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'hostwire.remove_unused() needs the isolation level read committed.' using errcode = 'invalid_transaction_state';
  end if;
  if not pg_try_advisory_xact_lock(hashtext('hostwire'), hashtext('maintain')) then
    raise exception 'Another session is at it.' using errcode = 'lock_not_available';
  end if;

  -- Searched before anything is locked, and looked at again, row by row, behind the locks.
  execute format('select array(select %1$s_id from hostwire.%1$s t where %2$s and %3$s limit %4$s)', kind, old, unused, rows_max) into leaving;
  execute format('select array(select %1$s_id from hostwire.%1$s t where t.marked_at is null and %2$s limit %3$s)', kind, unused, rows_max) into entering;
  marked := 0;
  removed := 0;
  is_partial := rows_max in (cardinality(leaving), cardinality(entering));

  if leaving <> '{}' and kind in ('layout', 'host') then
    -- Every batch begins with an update of this table, and then reads the hosts and layouts that it uses. So while it is locked no batch is under
    -- way: of those before, everything is committed and seen here; those after find the row gone.
    lock table hostwire.kafka_offset in share mode;
  end if;
  if leaving || entering <> '{}' then
    -- Whoever makes rows of the dictionary, refers to them there, or marks them, holds this lock.
    perform pg_advisory_xact_lock(hashtext('hostwire'), hashtext('dictionary'));
  end if;

  if leaving <> '{}' then
    if kind = 'layout' then
      execute format('delete from hostwire.layout_series where layout_id in (select t.layout_id from hostwire.layout t where t.layout_id = any($1) and %s and %s)', old, unused) using leaving;
    end if;
    execute format('delete from hostwire.%1$s t where t.%1$s_id = any($1) and %2$s and %3$s', kind, old, unused) using leaving;
    get diagnostics removed = row_count;
    if removed > 0 then
      perform hostwire.count_removed(kind, removed, 0);
    end if;
  end if;
  if entering <> '{}' then
    execute format('update hostwire.%1$s t set marked_at = now() where t.%1$s_id = any($1) and t.marked_at is null and %2$s', kind, unused) using entering;
    get diagnostics marked = row_count;
  end if;
  return next;
end
$$;
comment on function hostwire.remove_unused(text) is
  'Marks layouts, hosts, series or metrics (kind: layout, host, series, metric) that nothing refers to, and removes those that have been marked for unused_hours; some at a time, '
  'is_partial says that there are more. Kinds in this order, each call in a transaction of its own: sinks wait for its end.';

revoke all on function hostwire.remove_unused(text) from public;
