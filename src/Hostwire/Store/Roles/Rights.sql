-- What each role may do in the schema hostwire, and nothing else. The owner runs this: "hostwire db roles" has it do so, and every later
-- "hostwire db migrate" again. A new view, or a new function that only reads, is for the reader without a line here; a new table is for
-- nobody until it has one, and neither is a function that runs with its owner's rights.
revoke all on schema hostwire from public, hostwire_sink, hostwire_reader, hostwire_maintenance;
revoke all on all tables in schema hostwire from public, hostwire_sink, hostwire_reader, hostwire_maintenance;
revoke all on all functions in schema hostwire from public, hostwire_sink, hostwire_reader, hostwire_maintenance;
grant usage on schema hostwire to hostwire_sink, hostwire_reader, hostwire_maintenance;
grant select on hostwire.migration to hostwire_sink, hostwire_reader, hostwire_maintenance;

-- The sink adds rows. What it may change is how far it has come, when it met a host or a layout, how a host describes itself, and marks. Maintenance may do the same, since
-- "sink replay" stores what "sink" could not.
grant select on hostwire.setting to hostwire_sink, hostwire_maintenance;
grant select, insert on hostwire.host, hostwire.metric, hostwire.series, hostwire.layout, hostwire.layout_series, hostwire.host_slot, hostwire.frame, hostwire.kafka_offset to hostwire_sink, hostwire_maintenance;
grant insert on hostwire.gap, hostwire.conflict to hostwire_sink, hostwire_maintenance;
grant select, insert on hostwire.quarantine to hostwire_sink, hostwire_maintenance;
grant insert on hostwire.dead_letter to hostwire_sink;
grant update (cluster_id, topic_id, next_offset, owner_epoch, owner, updated_at) on hostwire.kafka_offset to hostwire_sink, hostwire_maintenance;
grant update (attributes, last_seen, marked_at) on hostwire.host to hostwire_sink, hostwire_maintenance;
grant update (last_seen, marked_at) on hostwire.layout to hostwire_sink, hostwire_maintenance;
grant update (marked_at) on hostwire.series, hostwire.metric to hostwire_sink, hostwire_maintenance;
grant execute on function hostwire.ensure_partition(date), hostwire.maintain(), hostwire.remove_unused(text), hostwire.analyze_frames(), hostwire.has_room_for_payloads(), hostwire.limit_of(text) to hostwire_sink, hostwire_maintenance;
grant execute on function hostwire.set_retention(integer) to hostwire_sink;

-- Records that could not be stored are whatever somebody sent to the topic: nobody else reads them. Besides maintain() only a replay removes one.
grant select, delete, update (reason, tried_at) on hostwire.dead_letter to hostwire_maintenance;

-- The reader reads all that is stored.
grant select on hostwire.setting, hostwire.host, hostwire.metric, hostwire.series, hostwire.layout, hostwire.layout_series, hostwire.host_slot, hostwire.frame,
  hostwire.kafka_offset, hostwire.gap, hostwire.conflict, hostwire.quarantine, hostwire.removed to hostwire_reader;
do $$
declare
  name text;
begin
  for name in select format('%I.%I', 'hostwire', relname) from pg_class where relnamespace = 'hostwire'::regnamespace and relkind = 'v' loop
    execute format('grant select on %s to hostwire_reader', name);
  end loop;
  -- A view runs its functions with the rights of whoever reads it.
  for name in select oid::regprocedure from pg_proc where pronamespace = 'hostwire'::regnamespace and not prosecdef and provolatile <> 'v' loop
    execute format('grant execute on function %s to hostwire_reader', name);
  end loop;
end
$$;
