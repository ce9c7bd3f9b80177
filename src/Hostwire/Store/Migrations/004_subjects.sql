-- One readable view for each subject, and the table of the original demo. All are made of metrics and rates; a row is what was read at one
-- time, so hosts sampled by an OpenTelemetry Collector, which reads each subject at another moment, fill them just as ours do. "max" picks
-- the one value there is: "sum" would count a point twice that came in two frames.

-- Two fences: what is aggregated below must be single values and finished labels, or the planner would sort rows with whole frames in them and
-- take the labels apart once for every column. "security_barrier" is the fence that still lets plain filters on time, host and metric through.
create view hostwire.reading with (security_barrier) as
select time, host, host_id, metric, unit, value, attributes ->> 'state' as state, attributes ->> 'device' as device, attributes ->> 'direction' as direction,
  attributes ->> 'mountpoint' as mountpoint, attributes ->> 'type' as type, attributes ->> 'mode' as mode
from hostwire.metrics;

create view hostwire.step with (security_barrier) as
select time, host, host_id, metric, temporality, value, value_before, increase, rate,
  attributes ->> 'cpu' as cpu, attributes ->> 'state' as state, attributes ->> 'device' as device, attributes ->> 'direction' as direction
from hostwire.rates;
comment on view hostwire.reading is 'metrics with the usual labels as columns; the views on subjects are made of it.';
comment on column hostwire.reading.time is 'As in metrics.';
comment on column hostwire.reading.host is 'As in metrics.';
comment on column hostwire.reading.host_id is 'As in metrics.';
comment on column hostwire.reading.metric is 'As in metrics.';
comment on column hostwire.reading.unit is 'As in metrics.';
comment on column hostwire.reading.value is 'As in metrics.';
comment on column hostwire.reading.state is 'Attribute state.';
comment on column hostwire.reading.device is 'Attribute device.';
comment on column hostwire.reading.direction is 'Attribute direction.';
comment on column hostwire.reading.mountpoint is 'Attribute mountpoint.';
comment on column hostwire.reading.type is 'Attribute type.';
comment on column hostwire.reading.mode is 'Attribute mode.';
comment on view hostwire.step is 'rates with the usual labels as columns; the views on subjects are made of it.';
comment on column hostwire.step.time is 'As in rates.';
comment on column hostwire.step.host is 'As in rates.';
comment on column hostwire.step.host_id is 'As in rates.';
comment on column hostwire.step.metric is 'As in rates.';
comment on column hostwire.step.temporality is 'As in rates.';
comment on column hostwire.step.value is 'As in rates.';
comment on column hostwire.step.value_before is 'As in rates.';
comment on column hostwire.step.increase is 'As in rates.';
comment on column hostwire.step.rate is 'As in rates.';
comment on column hostwire.step.cpu is 'Attribute cpu.';
comment on column hostwire.step.state is 'Attribute state.';
comment on column hostwire.step.device is 'Attribute device.';
comment on column hostwire.step.direction is 'Attribute direction.';

-- The kernel corrects idle, iowait and steal downwards now and then: that counts as nothing gained. Any other state that fell means that the
-- machine has started again, and so does a total that did not grow. Points with nothing before them are null here and add nothing; a filter
-- on value_before would only be worked out twice.
create view hostwire.cpu_step with (security_barrier) as
select time, host, host_id, cpu, state,
  case temporality when 'delta' then value else value - value_before end as change,
  case when temporality = 'delta' then value when value < value_before then 0 else value - value_before end as gained,
  temporality is distinct from 'delta' and value < value_before and state not in ('idle', 'wait', 'steal') as fell
from hostwire.step
where metric = 'system.cpu.time';
comment on view hostwire.cpu_step is 'What each state of each CPU has gained since the scrape before; the views cpu and system_metrics are made of it.';
comment on column hostwire.cpu_step.time is 'End of the interval.';
comment on column hostwire.cpu_step.host is 'Name of the host.';
comment on column hostwire.cpu_step.host_id is 'Number of the host.';
comment on column hostwire.cpu_step.cpu is 'The CPU, e.g. cpu0.';
comment on column hostwire.cpu_step.state is 'user, system, idle, ...: as OpenTelemetry names them.';
comment on column hostwire.cpu_step.change is 'By how many seconds the counter changed; null where there is nothing to compare with.';
comment on column hostwire.cpu_step.gained is 'The same, but 0 where it fell.';
comment on column hostwire.cpu_step.fell is 'True where it fell and never does but when the machine starts again.';

create view hostwire.cpu as
select time, host, cpu,
  100 - hostwire.percent(idle, total) as busy_percent,
  hostwire.percent(user_, total) as user_percent,
  hostwire.percent(nice, total) as nice_percent,
  hostwire.percent(system_, total) as system_percent,
  hostwire.percent(iowait, total) as iowait_percent,
  hostwire.percent(interrupt, total) as interrupt_percent,
  hostwire.percent(softirq, total) as softirq_percent,
  hostwire.percent(steal, total) as steal_percent,
  hostwire.percent(idle, total) as idle_percent,
  host_id
from (
  select time, host, host_id, cpu, sum(gained) as total,
    sum(gained) filter (where state = 'user') as user_,
    sum(gained) filter (where state = 'nice') as nice,
    sum(gained) filter (where state = 'system') as system_,
    sum(gained) filter (where state = 'wait') as iowait,
    sum(gained) filter (where state = 'interrupt') as interrupt,
    sum(gained) filter (where state = 'softirq') as softirq,
    sum(gained) filter (where state = 'steal') as steal,
    sum(gained) filter (where state = 'idle') as idle
  from hostwire.cpu_step
  group by time, host, host_id, cpu
  having sum(change) > 0 and not bool_or(fell)) step;
comment on view hostwire.cpu is 'How each CPU has spent the time since the scrape before, in percent; from system.cpu.time. Average over cpu for the whole host.';
comment on column hostwire.cpu.time is 'End of the interval.';
comment on column hostwire.cpu.host is 'Name of the host.';
comment on column hostwire.cpu.cpu is 'The CPU, e.g. cpu0.';
comment on column hostwire.cpu.busy_percent is 'Everything but idle. Waiting for disks (iowait) is in it, as in OpenTelemetry''s usual "1 - idle".';
comment on column hostwire.cpu.user_percent is 'Running programs.';
comment on column hostwire.cpu.nice_percent is 'Running programs of low priority.';
comment on column hostwire.cpu.system_percent is 'Running the kernel.';
comment on column hostwire.cpu.iowait_percent is 'Idle while a disk was being waited for.';
comment on column hostwire.cpu.interrupt_percent is 'Serving hardware interrupts.';
comment on column hostwire.cpu.softirq_percent is 'Serving software interrupts.';
comment on column hostwire.cpu.steal_percent is 'Withheld by the hypervisor.';
comment on column hostwire.cpu.idle_percent is 'Idle.';
comment on column hostwire.cpu.host_id is 'Number of the host: tells apart two hosts of one name.';

-- The kernel's own estimate of available memory (system.linux.memory.available) is optional in a Collector. Without it: free, cached and
-- buffered. What OpenTelemetry calls cached has the reclaimable slab in it already, so that is not added once more. The limit is optional
-- too; without it the total is used and available together, since used is defined as the rest.
create view hostwire.memory as
select time, host, used_bytes, available_bytes, total_bytes, hostwire.percent(used_bytes, total_bytes) as used_percent,
  free_bytes, cached_bytes, buffered_bytes, slab_reclaimable_bytes, slab_unreclaimable_bytes, host_id
from (
  select *, coalesce(memory_limit, used_bytes + available_bytes) as total_bytes
  from (
    select *, coalesce(memory_available, free_bytes + coalesce(cached_bytes, 0) + coalesce(buffered_bytes, 0) + coalesce(inactive_bytes, 0)) as available_bytes
    from (
      select time, host, host_id,
        max(value) filter (where state = 'used') as used_bytes,
        max(value) filter (where state = 'free') as free_bytes,
        max(value) filter (where state = 'cached') as cached_bytes,
        max(value) filter (where state = 'buffered') as buffered_bytes,
        max(value) filter (where state = 'inactive') as inactive_bytes,
        max(value) filter (where state = 'slab_reclaimable') as slab_reclaimable_bytes,
        max(value) filter (where state = 'slab_unreclaimable') as slab_unreclaimable_bytes,
        max(value) filter (where metric = 'system.linux.memory.available') as memory_available,
        max(value) filter (where metric = 'system.memory.limit') as memory_limit
      from hostwire.reading
      where metric in ('system.memory.usage', 'system.linux.memory.available', 'system.memory.limit')
      group by time, host, host_id
      having bool_or(metric = 'system.memory.usage')) reading) reading) reading;
comment on view hostwire.memory is 'Memory in bytes; from system.memory.usage, and where they are sent system.linux.memory.available and system.memory.limit.';
comment on column hostwire.memory.time is 'When it was read.';
comment on column hostwire.memory.host is 'Name of the host.';
comment on column hostwire.memory.used_bytes is 'In use: what is not available.';
comment on column hostwire.memory.available_bytes is 'What programs could still get without swapping: the kernel''s estimate, else free, cached and buffered.';
comment on column hostwire.memory.total_bytes is 'All of it: system.memory.limit, else used and available.';
comment on column hostwire.memory.used_percent is 'used_bytes in percent of total_bytes.';
comment on column hostwire.memory.free_bytes is 'Not used for anything.';
comment on column hostwire.memory.cached_bytes is 'Files held in memory, with the reclaimable slab.';
comment on column hostwire.memory.buffered_bytes is 'Buffers of block devices.';
comment on column hostwire.memory.slab_reclaimable_bytes is 'The kernel''s own caches that it can give back.';
comment on column hostwire.memory.slab_unreclaimable_bytes is 'The kernel''s own memory that it cannot give back.';
comment on column hostwire.memory.host_id is 'Number of the host: tells apart two hosts of one name.';

create view hostwire.filesystem as
select time, host, mountpoint, device, type, mode, used_bytes, free_bytes, reserved_bytes,
  used_bytes + free_bytes + coalesce(reserved_bytes, 0) as total_bytes,
  hostwire.percent(used_bytes, used_bytes + free_bytes) as used_percent,
  inodes_used, inodes_free, hostwire.percent(inodes_used, inodes_used + inodes_free) as inodes_used_percent, host_id
from (
  select time, host, host_id, mountpoint, device, type, mode,
    max(value) filter (where metric = 'system.filesystem.usage' and state = 'used') as used_bytes,
    max(value) filter (where metric = 'system.filesystem.usage' and state = 'free') as free_bytes,
    max(value) filter (where metric = 'system.filesystem.usage' and state = 'reserved') as reserved_bytes,
    max(value) filter (where metric = 'system.filesystem.inodes.usage' and state = 'used') as inodes_used,
    max(value) filter (where metric = 'system.filesystem.inodes.usage' and state = 'free') as inodes_free
  from hostwire.reading
  where metric in ('system.filesystem.usage', 'system.filesystem.inodes.usage')
  group by time, host, host_id, mountpoint, device, type, mode) reading;
comment on view hostwire.filesystem is 'Space and inodes of each mounted filesystem; from system.filesystem.usage and system.filesystem.inodes.usage.';
comment on column hostwire.filesystem.time is 'When it was read.';
comment on column hostwire.filesystem.host is 'Name of the host.';
comment on column hostwire.filesystem.mountpoint is 'Where it is mounted.';
comment on column hostwire.filesystem.device is 'What is mounted.';
comment on column hostwire.filesystem.type is 'Kind of filesystem, e.g. ext4.';
comment on column hostwire.filesystem.mode is 'rw or ro.';
comment on column hostwire.filesystem.used_bytes is 'In use.';
comment on column hostwire.filesystem.free_bytes is 'What everybody may still use.';
comment on column hostwire.filesystem.reserved_bytes is 'What only root may still use.';
comment on column hostwire.filesystem.total_bytes is 'Used, free and reserved.';
comment on column hostwire.filesystem.used_percent is 'Used in percent of used and free, as df prints it: at 100 ordinary users can write no more.';
comment on column hostwire.filesystem.inodes_used is 'Inodes in use.';
comment on column hostwire.filesystem.inodes_free is 'Inodes that are left.';
comment on column hostwire.filesystem.inodes_used_percent is 'Inodes in use in percent of all.';
comment on column hostwire.filesystem.host_id is 'Number of the host: tells apart two hosts of one name.';

create view hostwire.disk as
select time, host, device, read_bytes_per_second, written_bytes_per_second, reads_per_second, writes_per_second, merged_reads_per_second, merged_writes_per_second,
  1000 * read_seconds / nullif(reads, 0) as read_milliseconds, 1000 * write_seconds / nullif(writes, 0) as write_milliseconds,
  busy_percent, queue_length, pending_operations, host_id
from (
  select time, host, host_id, device,
    max(rate) filter (where metric = 'system.disk.io' and direction = 'read') as read_bytes_per_second,
    max(rate) filter (where metric = 'system.disk.io' and direction = 'write') as written_bytes_per_second,
    max(rate) filter (where metric = 'system.disk.operations' and direction = 'read') as reads_per_second,
    max(rate) filter (where metric = 'system.disk.operations' and direction = 'write') as writes_per_second,
    max(rate) filter (where metric = 'system.disk.merged' and direction = 'read') as merged_reads_per_second,
    max(rate) filter (where metric = 'system.disk.merged' and direction = 'write') as merged_writes_per_second,
    max(increase) filter (where metric = 'system.disk.operations' and direction = 'read') as reads,
    max(increase) filter (where metric = 'system.disk.operations' and direction = 'write') as writes,
    max(increase) filter (where metric = 'system.disk.operation_time' and direction = 'read') as read_seconds,
    max(increase) filter (where metric = 'system.disk.operation_time' and direction = 'write') as write_seconds,
    100 * max(rate) filter (where metric = 'system.disk.io_time') as busy_percent,
    max(rate) filter (where metric = 'system.disk.weighted_io_time') as queue_length,
    max(reading) as pending_operations
  from (
    select time, host, host_id, device, direction, metric, increase, rate, null::double precision as reading
    from hostwire.step
    where metric in ('system.disk.io', 'system.disk.operations', 'system.disk.merged', 'system.disk.operation_time', 'system.disk.io_time', 'system.disk.weighted_io_time')
    union all
    select time, host, host_id, device, direction, metric, null, null, value
    from hostwire.reading
    where metric = 'system.disk.pending_operations') point
  group by time, host, host_id, device) step;
comment on view hostwire.disk is 'What each disk has done since the scrape before; from system.disk.*. Null where there is nothing to compare with: see rates.';
comment on column hostwire.disk.time is 'End of the interval.';
comment on column hostwire.disk.host is 'Name of the host.';
comment on column hostwire.disk.device is 'The disk or partition, e.g. sda.';
comment on column hostwire.disk.read_bytes_per_second is 'Bytes read a second.';
comment on column hostwire.disk.written_bytes_per_second is 'Bytes written a second.';
comment on column hostwire.disk.reads_per_second is 'Read operations a second.';
comment on column hostwire.disk.writes_per_second is 'Write operations a second.';
comment on column hostwire.disk.merged_reads_per_second is 'Reads a second that the kernel saved by merging them into others.';
comment on column hostwire.disk.merged_writes_per_second is 'Writes a second that the kernel saved by merging them into others.';
comment on column hostwire.disk.read_milliseconds is 'How long a read took on average, waiting included; null where there was none.';
comment on column hostwire.disk.write_milliseconds is 'How long a write took on average, waiting included; null where there was none.';
comment on column hostwire.disk.busy_percent is 'Share of the time in which the disk had something to do.';
comment on column hostwire.disk.queue_length is 'Operations in the queue, on average over the interval.';
comment on column hostwire.disk.pending_operations is 'Operations in the queue at the moment of reading.';
comment on column hostwire.disk.host_id is 'Number of the host: tells apart two hosts of one name.';

create view hostwire.network as
select time, host, device,
  max(rate) filter (where metric = 'system.network.io' and direction = 'receive') as received_bytes_per_second,
  max(rate) filter (where metric = 'system.network.io' and direction = 'transmit') as sent_bytes_per_second,
  max(rate) filter (where metric = 'system.network.packets' and direction = 'receive') as received_packets_per_second,
  max(rate) filter (where metric = 'system.network.packets' and direction = 'transmit') as sent_packets_per_second,
  max(rate) filter (where metric = 'system.network.errors' and direction = 'receive') as receive_errors_per_second,
  max(rate) filter (where metric = 'system.network.errors' and direction = 'transmit') as send_errors_per_second,
  max(rate) filter (where metric = 'system.network.dropped' and direction = 'receive') as receive_dropped_per_second,
  max(rate) filter (where metric = 'system.network.dropped' and direction = 'transmit') as send_dropped_per_second,
  host_id
from hostwire.step
where metric in ('system.network.io', 'system.network.packets', 'system.network.errors', 'system.network.dropped')
group by time, host, host_id, device;
comment on view hostwire.network is 'What each network interface has done since the scrape before; from system.network.*. Null where there is nothing to compare with: see rates.';
comment on column hostwire.network.time is 'End of the interval.';
comment on column hostwire.network.host is 'Name of the host.';
comment on column hostwire.network.device is 'The interface, e.g. eth0; lo is the host talking to itself.';
comment on column hostwire.network.received_bytes_per_second is 'Bytes received a second.';
comment on column hostwire.network.sent_bytes_per_second is 'Bytes sent a second.';
comment on column hostwire.network.received_packets_per_second is 'Packets received a second.';
comment on column hostwire.network.sent_packets_per_second is 'Packets sent a second.';
comment on column hostwire.network.receive_errors_per_second is 'Receive errors a second.';
comment on column hostwire.network.send_errors_per_second is 'Send errors a second.';
comment on column hostwire.network.receive_dropped_per_second is 'Received packets dropped a second.';
comment on column hostwire.network.send_dropped_per_second is 'Packets to be sent dropped a second.';
comment on column hostwire.network.host_id is 'Number of the host: tells apart two hosts of one name.';

create view hostwire.network_total as
select time, host,
  coalesce(sum(value) filter (where direction = 'receive'), 0) as received_bytes,
  coalesce(sum(value) filter (where direction = 'transmit'), 0) as sent_bytes,
  host_id
from hostwire.reading
where metric = 'system.network.io' and device not in ('lo', 'lo0')
group by time, host, host_id;
comment on view hostwire.network_total is 'Bytes a host has received and sent since it started, over all its interfaces but the loopback; from system.network.io.';
comment on column hostwire.network_total.time is 'When it was read.';
comment on column hostwire.network_total.host is 'Name of the host.';
comment on column hostwire.network_total.received_bytes is 'Bytes received. Falls when an interface goes away or starts again; network has the rates.';
comment on column hostwire.network_total.sent_bytes is 'Bytes sent.';
comment on column hostwire.network_total.host_id is 'Number of the host: tells apart two hosts of one name.';

create view hostwire.load as
select time, host,
  max(value) filter (where metric = 'system.cpu.load_average.1m') as load_1m,
  max(value) filter (where metric = 'system.cpu.load_average.5m') as load_5m,
  max(value) filter (where metric = 'system.cpu.load_average.15m') as load_15m,
  host_id
from hostwire.reading
where metric in ('system.cpu.load_average.1m', 'system.cpu.load_average.5m', 'system.cpu.load_average.15m')
group by time, host, host_id;
comment on view hostwire.load is 'Load averages; from system.cpu.load_average.*.';
comment on column hostwire.load.time is 'When they were read.';
comment on column hostwire.load.host is 'Name of the host.';
comment on column hostwire.load.load_1m is 'Tasks running, waiting for a CPU or for a disk, averaged over about one minute.';
comment on column hostwire.load.load_5m is 'The same over about five minutes.';
comment on column hostwire.load.load_15m is 'The same over about fifteen minutes.';
comment on column hostwire.load.host_id is 'Number of the host: tells apart two hosts of one name.';

create function hostwire.sample_id(identity bytea, metric text, "time" timestamptz) returns bigint
  language sql immutable parallel safe
as $$
  -- 63 bits of a digest: stable, positive, and the same in every database that holds the sample. Microseconds are text of no time zone.
  select ('x' || encode(substr(sha256($1 || convert_to($2 || ' ' || (extract(epoch from $3) * 1000000)::bigint::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
    & 9223372036854775807;
$$;
comment on function hostwire.sample_id(bytea, text, timestamptz) is 'The id of a row of system_metrics: always the same for the same host, metric and time.';

-- A branch for each metric, with its name outside of any aggregate, so that a filter on the metric leaves only its own branch to be run.
create view hostwire.system_metrics as
select hostwire.sample_id(h.identity, v.metric, v.time) as id, v.time as datetime, v.host as hostname, v.metric, v.value, v.type, v.unit, v.host_id
from (
  select time, host, host_id, 'total_cpu' as metric, busy_percent as value, 'gauge' as type, '%' as unit
  from (
    select time, host, host_id, 100 - hostwire.percent(coalesce(sum(gained) filter (where state = 'idle'), 0), sum(gained)) as busy_percent
    from hostwire.cpu_step
    group by time, host, host_id
    having sum(change) > 0 and not bool_or(fell)) cpu
  union all
  select time, host, host_id, 'current_cpu_frequency', hertz / 1000000, 'gauge', 'MHz'
  from (
    select time, host, host_id, avg(value) as hertz
    from hostwire.reading
    where metric = 'system.cpu.frequency'
    group by time, host, host_id) frequency
  union all
  select time, host, host_id, 'memory_use', used_bytes, 'gauge', 'By' from hostwire.memory
  union all
  select time, host, host_id, 'available_memory', available_bytes, 'gauge', 'By' from hostwire.memory
  union all
  select time, host, host_id, 'percent_memory_use', used_percent, 'gauge', '%' from hostwire.memory
  union all
  select time, host, host_id, 'network_traffic_in', received_bytes, 'counter', 'By' from hostwire.network_total
  union all
  select time, host, host_id, 'network_traffic_out', sent_bytes, 'counter', 'By' from hostwire.network_total
  union all
  select time, host, host_id, 'total_network_traffic', received_bytes + sent_bytes, 'counter', 'By' from hostwire.network_total
  union all
  -- What the demo's own programs send has these names already; the scope tells it from anybody else's metric of such a name.
  select time, host, host_id, metric, value, kind, unit
  from hostwire.metrics
  where scope = 'system_metrics' and metric in (
    'total_cpu', 'current_cpu_frequency', 'memory_use', 'available_memory', 'percent_memory_use', 'network_traffic_in', 'network_traffic_out', 'total_network_traffic')) v
join hostwire.host h on h.host_id = v.host_id
where v.value is not null;
comment on view hostwire.system_metrics is 'The eight metrics of the original demo''s table of this name, one row for each host, time and metric.';
comment on column hostwire.system_metrics.id is 'Derived: always the same for the same host, metric and time.';
comment on column hostwire.system_metrics.datetime is 'When the value was read.';
comment on column hostwire.system_metrics.hostname is 'Name of the host.';
comment on column hostwire.system_metrics.metric is
  'total_cpu: time not idle since the scrape before, over all CPUs. current_cpu_frequency: mean over all CPUs. memory_use, available_memory, percent_memory_use: see the view memory. '
  'network_traffic_in, network_traffic_out, total_network_traffic: bytes since the host started, over all its interfaces but the loopback. Of hosts that send the demo''s JSON: what they sent.';
comment on column hostwire.system_metrics.value is 'The value.';
comment on column hostwire.system_metrics.type is 'gauge: a reading that stands for itself; counter: a total that grows until the host, or one of its interfaces, starts again.';
comment on column hostwire.system_metrics.unit is '%, MHz or By (bytes).';
comment on column hostwire.system_metrics.host_id is 'Number of the host: tells apart two hosts of one name.';
