using System.Globalization;

namespace Hostwire.EndToEnd.Query;

/// <summary>What is asked.</summary>
internal static class Questions
{
    private const string Second = "yyyy-MM-dd HH:mm:ss'Z'";

    /// <summary>The questions.</summary>
    /// <param name="dayHost">A host of which there is a whole day.</param>
    /// <param name="hourHost">A host of which there is an hour.</param>
    /// <param name="hourHosts">Hosts of which there is an hour, fifty of them.</param>
    /// <param name="end">Where the data ends.</param>
    public static IReadOnlyList<Question> Make(string dayHost, string hourHost, IEnumerable<string> hourHosts, DateTimeOffset end)
    {
        string until = end.UtcDateTime.ToString(Second, CultureInfo.InvariantCulture);
        string day = end.AddDays(-1).UtcDateTime.ToString(Second, CultureInfo.InvariantCulture);
        string hour = end.AddHours(-1).UtcDateTime.ToString(Second, CultureInfo.InvariantCulture);
        string hosts = $"'{{{string.Join(',', hourHosts)}}}'";
        return
        [
            new("one series over a day", "series_day",
                $$"""select time::text, value from hostwire.points('system.memory.usage', '{{dayHost}}', '{{day}}', '{{until}}', '{"state": "used"}')""",
                $$"""
                select p.time::text, p.value from narrow.series s join narrow.point p using (series_id)
                where s.host = '{{dayHost}}' and s.metric = 'system.memory.usage' and s.attributes @> '{"state": "used"}' and p.time >= '{{day}}' and p.time < '{{until}}' order by p.time
                """),
            new("one metric of 50 hosts over an hour", "metric_hour",
                $"select host, time::text, value from hostwire.metrics where metric = 'system.cpu.load_average.1m' and host = any ({hosts}) and time >= '{hour}' and time < '{until}'",
                $"""
                select s.host, p.time::text, p.value from narrow.series s join narrow.point p using (series_id)
                where s.metric = 'system.cpu.load_average.1m' and s.host = any ({hosts}) and p.time >= '{hour}' and p.time < '{until}'
                """),
            new("one metric of all hosts now", "latest",
                "select host, time::text, value from hostwire.latest where metric = 'system.cpu.load_average.1m'",
                """
                select s.host, p.time::text, p.value
                from narrow.series s cross join lateral (select time, value from narrow.point p where p.series_id = s.series_id order by time desc limit 1) p
                where s.metric = 'system.cpu.load_average.1m'
                """),
            new("freshness of all hosts", "freshness",
                "select host, date_part('epoch', time) from hostwire.freshness",
                """
                select s.host, date_part('epoch', max(p.time))
                from narrow.series s cross join lateral (select time from narrow.point p where p.series_id = s.series_id order by time desc limit 1) p
                group by s.host
                """,
                AsksForValues: false),
            new("system_metrics of one host over an hour", "system_metrics",
                $"select datetime::text, metric, value from hostwire.system_metrics where hostname = '{hourHost}' and datetime >= '{hour}' and datetime < '{until}'",
                SystemMetrics(hourHost, hour, until)),
        ];
    }

    // What system_metrics is documented to mean, in one pass over each metric. Five minutes back are enough for the value before: no host is silent for longer.
    private static string SystemMetrics(string host, string hour, string until) => $"""
        with step as (
          select p.time, s.attributes ->> 'state' as state, p.value - lag(p.value) over (partition by s.series_id order by p.time) as change
          from narrow.series s join narrow.point p using (series_id)
          where s.host = '{host}' and s.metric = 'system.cpu.time' and p.time >= '{hour}'::timestamptz - interval '5 minutes' and p.time < '{until}'),
        cpu as (
          select time, sum(greatest(change, 0)) as total, sum(greatest(change, 0)) filter (where state = 'idle') as idle
          from step where time >= '{hour}' group by time
          having sum(change) > 0 and not bool_or(change < 0 and state not in ('idle', 'wait', 'steal'))),
        frequency as (
          select p.time, avg(p.value) as hertz from narrow.series s join narrow.point p using (series_id)
          where s.host = '{host}' and s.metric = 'system.cpu.frequency' and p.time >= '{hour}' and p.time < '{until}' group by p.time),
        memory as (
          select p.time, max(p.value) filter (where s.metric = 'system.memory.usage' and s.attributes ->> 'state' = 'used') as used,
            max(p.value) filter (where s.metric = 'system.linux.memory.available') as available, max(p.value) filter (where s.metric = 'system.memory.limit') as total
          from narrow.series s join narrow.point p using (series_id)
          where s.host = '{host}' and s.metric in ('system.memory.usage', 'system.linux.memory.available', 'system.memory.limit') and p.time >= '{hour}' and p.time < '{until}' group by p.time),
        network as (
          select p.time, coalesce(sum(p.value) filter (where s.attributes ->> 'direction' = 'receive'), 0) as received, coalesce(sum(p.value) filter (where s.attributes ->> 'direction' = 'transmit'), 0) as sent
          from narrow.series s join narrow.point p using (series_id)
          where s.host = '{host}' and s.metric = 'system.network.io' and s.attributes ->> 'device' <> 'lo' and p.time >= '{hour}' and p.time < '{until}' group by p.time)
        select time::text, 'total_cpu', 100 - 100 * coalesce(idle, 0) / total from cpu
        union all select time::text, 'current_cpu_frequency', hertz / 1000000 from frequency
        union all select time::text, v.metric, v.value from memory, lateral (values ('memory_use', used), ('available_memory', available), ('percent_memory_use', 100 * used / total)) v (metric, value)
        union all select time::text, v.metric, v.value from network, lateral (values ('network_traffic_in', received), ('network_traffic_out', sent), ('total_network_traffic', received + sent)) v (metric, value)
        """;
}
