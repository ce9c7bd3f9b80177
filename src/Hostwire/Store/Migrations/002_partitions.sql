-- Partitions and retention. The functions run with their owner's rights, so that a sink needs no right to create or drop anything;
-- their search_path is fixed and every name is qualified, so that nobody can slip them an object of his own.
-- Days are UTC whatever the session's TimeZone.

create function hostwire.retention_days() returns integer
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select (value #>> '{}')::integer from hostwire.setting where name = 'retention_days';
$$;
comment on function hostwire.retention_days() is 'How many UTC days are kept besides today.';

create function hostwire.set_retention(days integer) returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  if days is null or days < 1 or days > 36500 then
    raise exception 'Retention must be between 1 and 36500 days, not %.', days using errcode = 'invalid_parameter_value';
  end if;
  -- Nothing is written where nothing changes: every sink calls this at start.
  update hostwire.setting set value = to_jsonb(days), updated_at = now()
  where name = 'retention_days' and value <> to_jsonb(days);
end
$$;
comment on function hostwire.set_retention(integer) is 'Sets how many UTC days are kept besides today; hostwire.maintain() drops what is older. The last call wins.';

create function hostwire.is_kept(day date) returns boolean
  language sql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select day between (now() at time zone 'UTC')::date - hostwire.retention_days() and (now() at time zone 'UTC')::date + 3;
$$;
comment on function hostwire.is_kept(date) is 'Whether frames of this UTC day are kept: from retention_days before today to three days ahead, which forgives a clock that is a little fast.';

create function hostwire.has_table(name text) returns boolean
  language sql volatile
  set search_path = pg_catalog, pg_temp
as $$
  -- Not to_regclass(): it may answer from a cache that does not know yet what another session has just committed.
  select exists (select from pg_class where relnamespace = 'hostwire'::regnamespace and relname = $1);
$$;
comment on function hostwire.has_table(text) is 'Whether the schema holds a table of this name, as of this very statement.';

create function hostwire.ensure_partition(day date) returns boolean
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
  execute format('alter table hostwire.%I alter column values set statistics 0', partition);
  execute format('comment on table hostwire.%I is %L', partition, format('Frames of %s (UTC).', to_char(day::timestamp, 'YYYY-MM-DD')));
  execute format('alter table hostwire.frame attach partition hostwire.%I for values from (%L) to (%L)', partition,
    to_char(day::timestamp, 'YYYY-MM-DD') || ' 00:00:00+00', to_char((day + 1)::timestamp, 'YYYY-MM-DD') || ' 00:00:00+00');
  return true;
end
$$;
comment on function hostwire.ensure_partition(date) is
  'Makes the UTC day''s partition if it is missing. False: the day lies outside what is kept and its frames belong in quarantine. '
  'Call it in a transaction of its own, since others who need a partition wait for the end of that.';

create function hostwire.count_removed(what text, rows bigint, bytes bigint) returns void
  language sql
  set search_path = pg_catalog, pg_temp
as $$
  insert into hostwire.removed as r (day, what, rows, bytes) values ((now() at time zone 'UTC')::date, $1, $2, $3)
  on conflict (day, what) do update set rows = r.rows + excluded.rows, bytes = r.bytes + excluded.bytes;
$$;
comment on function hostwire.count_removed(text, bigint, bigint) is 'Adds to the count of what retention has removed today.';

create function hostwire.limit_of(name text) returns bigint
  language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  select (s.value #>> '{}')::bigint from hostwire.setting s where s.name = $1;
$$;
comment on function hostwire.limit_of(text) is 'The number that a setting holds.';

create function hostwire.maintain() returns table (task text, object text, outcome text)
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  -- Dropping a partition locks frame against everybody, and whoever comes while it waits for that lock waits behind it: so it waits briefly.
  set lock_timeout = '200ms'
as $$
#variable_conflict use_column
declare
  today constant date := (now() at time zone 'UTC')::date;
  day date;
  removed_rows bigint;
  removed_bytes bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('hostwire'), hashtext('maintain')) then
    return query values ('maintain', 'hostwire', 'skipped: another session is at it');
    return;
  end if;

  for day in select today + ahead from generate_series(0, 3) ahead loop
    object := 'frame_' || to_char(day::timestamp, 'YYYYMMDD');
    continue when hostwire.has_table(object);
    task := 'create partition';
    begin
      perform hostwire.ensure_partition(day);
      outcome := 'done';
    exception when lock_not_available then
      outcome := 'skipped: frame is locked; tried again next time';
    end;
    return next;
  end loop;

  task := 'remove rows';
  object := 'dead_letter';
  with gone as (
    delete from hostwire.dead_letter
    where received_at < now() - hostwire.limit_of('dead_letter_max_days') * interval '1 day'
      or dead_letter_id <= (select dead_letter_id from hostwire.dead_letter order by dead_letter_id desc offset hostwire.limit_of('dead_letter_max_rows') limit 1)
    returning coalesce(octet_length(key), 0) + coalesce(octet_length(payload), 0) as bytes)
  select count(*), coalesce(sum(bytes), 0) into removed_rows, removed_bytes from gone;
  if removed_rows > 0 then
    perform hostwire.count_removed(object, removed_rows, removed_bytes);
    outcome := format('done: %s rows', removed_rows);
    return next;
  end if;

  object := 'conflict';
  with gone as (
    delete from hostwire.conflict
    where detected_at < now() - hostwire.limit_of('conflict_max_days') * interval '1 day'
      or conflict_id <= (select conflict_id from hostwire.conflict order by conflict_id desc offset hostwire.limit_of('conflict_max_rows') limit 1)
    returning 1)
  select count(*) into removed_rows from gone;
  if removed_rows > 0 then
    perform hostwire.count_removed(object, removed_rows, 0);
    outcome := format('done: %s rows', removed_rows);
    return next;
  end if;

  object := 'quarantine';
  with gone as (
    delete from hostwire.quarantine
    where received_at < now() - hostwire.limit_of('quarantine_max_days') * interval '1 day'
      or received_at <= (select received_at from hostwire.quarantine order by received_at desc offset hostwire.limit_of('quarantine_max_rows') limit 1)
    returning pg_column_size(values) as bytes)
  select count(*), coalesce(sum(bytes), 0) into removed_rows, removed_bytes from gone;
  if removed_rows > 0 then
    perform hostwire.count_removed(object, removed_rows, removed_bytes);
    outcome := format('done: %s rows', removed_rows);
    return next;
  end if;

  task := 'drop payloads';
  object := 'dead_letter';
  with sized as (
    select dead_letter_id, octet_length(payload) as bytes, sum(octet_length(payload)) over (order by dead_letter_id desc) as running
    from hostwire.dead_letter where payload is not null
  ), stripped as (
    update hostwire.dead_letter d
    set payload = null, reason = format('%s [payload of %s bytes dropped to stay below dead_letter_max_bytes]', d.reason, s.bytes)
    from sized s where s.dead_letter_id = d.dead_letter_id and s.running > hostwire.limit_of('dead_letter_max_bytes')
    returning s.bytes)
  select count(*), coalesce(sum(bytes), 0) into removed_rows, removed_bytes from stripped;
  if removed_rows > 0 then
    perform hostwire.count_removed('dead_letter payload', removed_rows, removed_bytes);
    outcome := format('done: %s rows, %s bytes', removed_rows, removed_bytes);
    return next;
  end if;

  -- Last, because the lock on frame that a drop takes is held until the end of this transaction.
  task := 'drop partition';
  outcome := null;
  for object, removed_rows, removed_bytes in
    select c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'hostwire.frame'::regclass and c.relname ~ '^frame_[0-9]{8}$'
      and to_date(substr(c.relname, 7), 'YYYYMMDD') < today - hostwire.retention_days()
    order by c.relname
  loop
    -- Who holds frame holds it against the next partition too: one wait is enough.
    if outcome is null or outcome not like 'skipped%' then
      begin
        execute format('drop table hostwire.%I', object);
        perform hostwire.count_removed('frame', removed_rows, removed_bytes);
        outcome := format('done: about %s rows, %s bytes', removed_rows, removed_bytes);
      exception when lock_not_available then
        outcome := 'skipped: frame is being read or written; tried again next time';
      end;
    end if;
    return next;
  end loop;
end
$$;
comment on function hostwire.maintain() is
  'Makes the partitions of the next three days, drops days older than the retention, trims dead_letter, conflict and quarantine; returns what it did. '
  'Call it every hour; one session does the work, others return at once. What is locked is skipped until the next call.';

-- What runs with the owner's rights is for those who are granted it: see docs/schema.md.
revoke all on function hostwire.set_retention(integer), hostwire.ensure_partition(date), hostwire.maintain() from public;
