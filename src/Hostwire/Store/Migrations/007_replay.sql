-- What "hostwire sink replay" needs to know of a dead letter besides the record itself.
alter table hostwire.dead_letter add column record_time timestamptz, add column tried_at timestamptz;
comment on column hostwire.dead_letter.record_time is 'The record''s time on the topic, the broker''s or the sender''s; null where it had none, or was set aside by a version that did not keep it.';
comment on column hostwire.dead_letter.tried_at is 'When "hostwire sink replay" last tried it, in vain; null before.';
