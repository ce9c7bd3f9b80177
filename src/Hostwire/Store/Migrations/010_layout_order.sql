-- The identity of a layout says in which order its values stand. It was a hash of the sorted identities of its series, and told nothing of their numbers: in a database that was replaced by an older
-- copy of itself the same series could come back as a layout of the same number and identity, but with its values in another order, and a sink that still knew the old one took it for the same.

update hostwire.layout l set identity = sha256('\x09'::bytea || s.identities)
from (
  select p.layout_id, string_agg(s.identity, ''::bytea order by p.position) as identities
  from hostwire.layout_series p join hostwire.series s using (series_id) group by p.layout_id) s
where s.layout_id = l.layout_id;
comment on column hostwire.layout.identity is
  'SHA-256 of the identities of its series in the order of their numbers, in which the values stand: in one database a set has one order, so the same set is the same layout in whatever order it came.';
