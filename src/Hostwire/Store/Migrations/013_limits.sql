-- A limit that somebody set to null, to a text or below zero emptied a table, or stopped a partition at its next dead letter.
create or replace function hostwire.limit_of(name text) returns bigint
  language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  -- Times of more than a few thousand years would be none any more.
  select least(
    (select floor(n::numeric) from (select s.value #>> '{}' as n from hostwire.setting s where s.name = $1) setting where n ~ '^[0-9]{1,18}([.][0-9]+)?$'),
    case when $1 like '%\_days' then 1000000 when $1 like '%\_hours' then 24000000 else 9223372036854775807 end)::bigint;
$$;
comment on function hostwire.limit_of(text) is 'The number that a setting holds. What is no number from 0 on, such as null, is no limit.';
