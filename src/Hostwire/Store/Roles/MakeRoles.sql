-- The four roles: they may log in and are given no right of their own here. Passwords are set apart from this.
do $$
declare
  name text;
begin
  foreach name in array '{hostwire_owner, hostwire_sink, hostwire_reader, hostwire_maintenance}'::text[] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login', name);
    end if;
    -- Most databases let everybody in.
    if not has_database_privilege(name, current_database(), 'connect') then
      execute format('grant connect on database %I to %I', current_database(), name);
    end if;
  end loop;
  -- What has a duplicate in it goes through a temporary table, also when it is replayed.
  foreach name in array '{hostwire_sink, hostwire_maintenance}'::text[] loop
    if not has_database_privilege(name, current_database(), 'temporary') then
      execute format('grant temporary on database %I to %I', current_database(), name);
    end if;
  end loop;
end
$$;
-- Nobody who may create something in the schema public can have these roles run it.
alter role hostwire_owner set search_path = pg_catalog, pg_temp;
alter role hostwire_sink set search_path = pg_catalog, pg_temp;
alter role hostwire_maintenance set search_path = pg_catalog, pg_temp;
-- For one look at a fleet the just-in-time compiler takes longer than the query.
alter role hostwire_reader set jit = off;
