-- As before, but a day whose table is there and is no partition, because somebody detached it to archive it, is not kept: what comes in of it goes to quarantine.
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
    return exists (
      select from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where c.relnamespace = 'hostwire'::regnamespace and c.relname = partition and i.inhparent = 'hostwire.frame'::regclass);
  end if;

  -- One at a time; whoever waited here looks again. The lock goes with the transaction.
  perform pg_advisory_xact_lock(hashtext('hostwire'), hashtext('partitions'));
  if hostwire.has_table(partition) then
    return hostwire.ensure_partition(day);
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
comment on function hostwire.ensure_partition(date) is
  'Makes the UTC day''s partition if it is missing. False: the day lies outside what is kept, or its table was detached, and its frames belong in quarantine. '
  'Call it in a transaction of its own, since others who need a partition wait for the end of that.';
