-- Times what people ask, on the fleet that fleet.sql makes. The lines "! ... user, ... system, ... elapsed" are the backend's own CPU seconds, which
-- say more than the clock on a machine that does other things as well.
\set ON_ERROR_STOP 1
\pset tuples_only on
set client_min_messages = log;
set log_statement_stats = on;
select max(time) - interval '1 hour' as hour from hostwire.freshness \gset
\echo freshness, all hosts
select count(*), max(time) from hostwire.freshness;
\echo latest: one host, one metric of all hosts, everything
select count(*), max(time) from hostwire.latest where host = 'host00007';
select count(*), max(time) from hostwire.latest where metric = 'system.cpu.load_average.1m';
select count(*), max(time) from hostwire.latest;
\echo one host, one hour: metrics, cpu, memory, filesystem, disk, network, load, system_metrics, total_cpu
select count(*), sum(value) from hostwire.metrics where host = 'host00007' and metric = 'system.cpu.time' and time > :'hour';
select count(*), sum(busy_percent) from hostwire.cpu where host = 'host00007' and time > :'hour';
select count(*), sum(used_percent) from hostwire.memory where host = 'host00007' and time > :'hour';
select count(*), sum(used_percent) from hostwire.filesystem where host = 'host00007' and time > :'hour';
select count(*), sum(busy_percent) from hostwire.disk where host = 'host00007' and time > :'hour';
select count(*), sum(received_bytes_per_second) from hostwire.network where host = 'host00007' and time > :'hour';
select count(*), sum(load_1m) from hostwire.load where host = 'host00007' and time > :'hour';
select count(*), sum(value) from hostwire.system_metrics where hostname = 'host00007' and datetime > :'hour';
select count(*), sum(value) from hostwire.system_metrics where hostname = 'host00007' and metric = 'total_cpu' and datetime > :'hour';
\echo one host fed by a Collector, one hour: cpu, system_metrics
select count(*), sum(busy_percent) from hostwire.cpu where host = 'host00010' and time > :'hour';
select count(*), sum(value) from hostwire.system_metrics where hostname = 'host00010' and datetime > :'hour';
\echo all hosts, the last five minutes there are: metrics, memory_use, total_cpu, everything; without JIT
set jit = off;
select max(time) - interval '5 minutes' as since from hostwire.freshness \gset
select count(*), sum(value) from hostwire.metrics where metric = 'system.cpu.load_average.1m' and time > :'since';
select count(*), sum(value) from hostwire.system_metrics where metric = 'memory_use' and datetime > :'since';
select count(*), sum(value) from hostwire.system_metrics where metric = 'total_cpu' and datetime > :'since';
select count(*), sum(value) from hostwire.system_metrics where datetime > :'since';
