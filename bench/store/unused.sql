-- What looking for unused rows of the dictionary costs, and the look at the hosts and layouts of each batch with it. An empty, migrated database:
--   psql -X -f bench/store/unused.sql
-- 200,000 layouts of 15 series as a host leaves them that has 15 new processes a minute for 10 days, 1,000 hosts, a month of partitions. How much is in these does not
-- matter: they are not read.
\timing on
select count(hostwire.ensure_partition((now() at time zone 'UTC')::date - n)) from generate_series(0, 30) n;
insert into hostwire.host (identity, name) select sha256(n::text::bytea), 'host-' || n from generate_series(1, 1000) n;
insert into hostwire.metric (identity, name, unit, kind) select sha256(n::text::bytea), 'metric.' || n, '1', 'gauge' from generate_series(1, 50) n;
insert into hostwire.series (identity, metric_id, scope, attributes) select sha256(n::text::bytea), n % 50 + 1, '', '{}' from generate_series(1, 600000) n;
insert into hostwire.layout (identity) select sha256(n::text::bytea) from generate_series(1, 200000) n;
insert into hostwire.layout_series select l, p, (l * 3 + p - 1) % 600000 + 1 from generate_series(1, 200000) l, generate_series(1, 15) p;
vacuum analyze;
\echo nothing is unused
select * from hostwire.remove_unused('layout');
select * from hostwire.remove_unused('host');
select * from hostwire.remove_unused('series');
select * from hostwire.remove_unused('metric');
\echo half of the layouts are: marked, then removed, some at a time
update hostwire.layout set last_seen = now() - interval '100 days' where layout_id % 2 = 0;
vacuum analyze hostwire.layout;
select * from hostwire.remove_unused('layout');
update hostwire.layout set marked_at = now() - interval '2 days' where layout_id % 2 = 0;
vacuum analyze hostwire.layout;
select * from hostwire.remove_unused('layout');
select * from hostwire.remove_unused('layout');
\echo what each batch reads of 500 hosts in 20 layouts, a thousand times: identities alone, then with the look whether a row has to be written
prepare identities(integer[], integer[]) as
  select 'host', host_id, identity from hostwire.host where host_id = any($1)
  union all select 'layout', layout_id, identity from hostwire.layout where layout_id = any($2);
prepare uses(integer[], integer[]) as
  select 'host', host_id, identity, marked_at is null and last_seen >= (select date_trunc('day', now(), 'UTC')) from hostwire.host where host_id = any($1)
  union all select 'layout', layout_id, identity, marked_at is null and last_seen >= (select date_trunc('day', now(), 'UTC')) from hostwire.layout where layout_id = any($2);
select string_agg((2 * n)::text, ',') as hosts from generate_series(1, 500) n \gset
select format('do $do$ begin for n in 1..1000 loop execute %L; end loop; end $do$', format('execute identities(''{%s}'', ''{1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39}'')', :'hosts')) as identities,
  format('do $do$ begin for n in 1..1000 loop execute %L; end loop; end $do$', format('execute uses(''{%s}'', ''{1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39}'')', :'hosts')) as uses \gset
:identities;
:uses;
:identities;
:uses;
