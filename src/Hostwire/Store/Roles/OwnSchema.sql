-- The schema is the owner's, and everything in it. What somebody else made before is handed over, which waits for whoever uses a table.
set local lock_timeout = '5s';
do $$
declare
  object record;
begin
  if to_regnamespace('hostwire') is null then
    create schema hostwire authorization hostwire_owner;
    return;
  end if;
  if (select nspowner <> 'hostwire_owner'::regrole from pg_namespace where nspname = 'hostwire') then
    alter schema hostwire owner to hostwire_owner;
  end if;
  -- Sequences of identity columns go with their table.
  for object in
    select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind, relname as name
    from pg_class c
    where relnamespace = 'hostwire'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') and relowner <> 'hostwire_owner'::regrole
      and not (relkind = 'S' and exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('i', 'a')))
    order by relkind, relname
  loop
    execute format('alter %s hostwire.%I owner to hostwire_owner', object.kind, object.name);
  end loop;
  for object in
    select case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind, oid::regprocedure as name
    from pg_proc where pronamespace = 'hostwire'::regnamespace and proowner <> 'hostwire_owner'::regrole
  loop
    execute format('alter %s %s owner to hostwire_owner', object.kind, object.name);
  end loop;
end
$$;
