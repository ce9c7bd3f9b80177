-- Histograms, exponential histograms and summaries, put together again from the series of their parts: a row is a point as it was sent.

create function hostwire.own_counts(cumulative double precision[]) returns double precision[]
  language sql immutable parallel safe
as $$
  select coalesce(array_agg($1[i] - case i when 1 then 0 else $1[i - 1] end order by i), '{}') from generate_subscripts($1, 1) i;
$$;
comment on function hostwire.own_counts(double precision[]) is 'From counts that include those of all buckets before to the count of each bucket alone.';

create function hostwire.bucket_bounds(scale integer, "offset" integer, buckets integer) returns double precision[]
  language sql immutable parallel safe
as $$
  select coalesce(array_agg(power(2::double precision, power(2::double precision, -$1) * ($2 + i)) order by i), '{}') from generate_series(1, $3) i;
$$;
comment on function hostwire.bucket_bounds(integer, integer, integer) is
  'Upper bounds of the positive buckets of an exponential histogram, given its scale, its offset and how many there are; of negative ones, the same with a minus are the lower bounds.';

-- Two steps: the first makes one value of a number that came in two frames (a point sent again in other company), the second makes the point.
-- What filters name is a column of both groups, so that those on time, host and metric reach the frames.
create view hostwire.distribution_part as
select f.time, h.name as host, m.source_name as metric, m.source_unit as unit, m.source_kind, m.part, m.temporality,
  case m.part
    when 'bucket' then (s.attributes ->> 'le')::double precision
    when 'quantile' then (s.attributes ->> 'quantile')::double precision
    when 'positive_bucket' then (s.attributes ->> 'place')::double precision
    when 'negative_bucket' then (s.attributes ->> 'place')::double precision
  end as label,
  max(f.values[p.position]) as value, s.attributes, s.scope, f.host_id, s.series_id, s.source_identity
from hostwire.frame f
join hostwire.host h on h.host_id = f.host_id
join hostwire.layout_series p on p.layout_id = f.layout_id
join hostwire.series s on s.series_id = p.series_id
join hostwire.metric m on m.metric_id = s.metric_id
where m.source_kind is not null
group by f.time, h.name, f.host_id, m.metric_id, s.series_id;

create view hostwire.histograms as
select time, host, metric, attributes, unit, temporality, count, sum, min, max, bounds, hostwire.own_counts(cumulative) as counts, scope, host_id
from (
  select time, host, host_id, metric, unit, scope, max(temporality) as temporality,
    (array_agg(attributes) filter (where part = 'count'))[1] as attributes,
    max(value) filter (where part = 'count') as count,
    max(value) filter (where part = 'sum') as sum,
    max(value) filter (where part = 'min') as min,
    max(value) filter (where part = 'max') as max,
    coalesce(array_agg(label order by label) filter (where part = 'bucket' and label < 'Infinity'), '{}') as bounds,
    coalesce(array_agg(value order by label) filter (where part = 'bucket'), '{}') as cumulative
  from hostwire.distribution_part
  where source_kind = 'histogram'
  group by time, host, host_id, metric, unit, scope, source_identity) point;

create view hostwire.exponential_histograms as
select time, host, metric, attributes, unit, temporality, count, sum, min, max, scale, zero_count, zero_threshold,
  positive_offset, positive_counts, negative_offset, negative_counts, scope, host_id
from (
  select time, host, host_id, metric, unit, scope, max(temporality) as temporality,
    (array_agg(attributes) filter (where part = 'count'))[1] as attributes,
    max(value) filter (where part = 'count') as count,
    max(value) filter (where part = 'sum') as sum,
    max(value) filter (where part = 'min') as min,
    max(value) filter (where part = 'max') as max,
    max(value) filter (where part = 'scale')::integer as scale,
    max(value) filter (where part = 'zero_count') as zero_count,
    coalesce(max(value) filter (where part = 'zero_threshold'), 0) as zero_threshold,
    max(value) filter (where part = 'positive_offset')::integer as positive_offset,
    coalesce(array_agg(value order by label) filter (where part = 'positive_bucket'), '{}') as positive_counts,
    max(value) filter (where part = 'negative_offset')::integer as negative_offset,
    coalesce(array_agg(value order by label) filter (where part = 'negative_bucket'), '{}') as negative_counts
  from hostwire.distribution_part
  where source_kind = 'exponential histogram'
  group by time, host, host_id, metric, unit, scope, source_identity) point;

create view hostwire.summaries as
select time, host, metric, attributes, unit, count, sum, quantiles, values, scope, host_id
from (
  select time, host, host_id, metric, unit, scope,
    (array_agg(attributes) filter (where part = 'count'))[1] as attributes,
    max(value) filter (where part = 'count') as count,
    max(value) filter (where part = 'sum') as sum,
    coalesce(array_agg(label order by label) filter (where part = 'quantile'), '{}') as quantiles,
    coalesce(array_agg(value order by label) filter (where part = 'quantile'), '{}') as values
  from hostwire.distribution_part
  where source_kind = 'summary'
  group by time, host, host_id, metric, unit, scope, source_identity) point;

comment on view hostwire.distribution_part is
  'Every number of every histogram, exponential histogram and summary, one a row; the views histograms, exponential_histograms and summaries are made of it.';
comment on column hostwire.distribution_part.time is 'As in metrics.';
comment on column hostwire.distribution_part.host is 'As in metrics.';
comment on column hostwire.distribution_part.metric is 'Name of the histogram, exponential histogram or summary.';
comment on column hostwire.distribution_part.unit is 'Its unit.';
comment on column hostwire.distribution_part.source_kind is 'histogram, exponential histogram or summary.';
comment on column hostwire.distribution_part.part is 'What the number is: count, sum, bucket, ...; see metric.part.';
comment on column hostwire.distribution_part.temporality is 'cumulative or delta; null for parts that are gauges.';
comment on column hostwire.distribution_part.label is 'Of a bucket its upper bound (of an exponential one its place, the first is 0), of a quantile the quantile.';
comment on column hostwire.distribution_part.value is 'The number; null where the sender says that nothing was recorded.';
comment on column hostwire.distribution_part.attributes is 'Attributes of the series, the label among them.';
comment on column hostwire.distribution_part.scope is 'As in metrics.';
comment on column hostwire.distribution_part.host_id is 'As in metrics.';
comment on column hostwire.distribution_part.series_id is 'Number of the series of this part.';
comment on column hostwire.distribution_part.source_identity is 'The same for all parts of one metric, scope and set of attributes.';

comment on view hostwire.histograms is 'Every point of every histogram, as it was sent.';
comment on column hostwire.histograms.time is 'As in metrics.';
comment on column hostwire.histograms.host is 'As in metrics.';
comment on column hostwire.histograms.metric is 'Name of the histogram.';
comment on column hostwire.histograms.attributes is 'What else names it.';
comment on column hostwire.histograms.unit is 'Unit of what was observed.';
comment on column hostwire.histograms.temporality is 'cumulative: all since the start; delta: since the point before.';
comment on column hostwire.histograms.count is 'How many values were observed; null, as all other numbers, where the sender says that nothing was recorded.';
comment on column hostwire.histograms.sum is 'Their sum; null where it was not sent.';
comment on column hostwire.histograms.min is 'The smallest; null where it was not sent.';
comment on column hostwire.histograms.max is 'The largest; null where it was not sent.';
comment on column hostwire.histograms.bounds is 'Upper bounds of the buckets, inclusive; the last bucket has none.';
comment on column hostwire.histograms.counts is 'How many values each bucket has, one bucket more than bounds; empty where there are no buckets.';
comment on column hostwire.histograms.scope is 'As in metrics.';
comment on column hostwire.histograms.host_id is 'As in metrics.';

comment on view hostwire.exponential_histograms is 'Every point of every exponential histogram, as it was sent. The bounds of its buckets: hostwire.bucket_bounds().';
comment on column hostwire.exponential_histograms.time is 'As in metrics.';
comment on column hostwire.exponential_histograms.host is 'As in metrics.';
comment on column hostwire.exponential_histograms.metric is 'Name of the histogram.';
comment on column hostwire.exponential_histograms.attributes is 'What else names it.';
comment on column hostwire.exponential_histograms.unit is 'Unit of what was observed.';
comment on column hostwire.exponential_histograms.temporality is 'cumulative: all since the start; delta: since the point before.';
comment on column hostwire.exponential_histograms.count is 'How many values were observed; null, as all other numbers, where the sender says that nothing was recorded.';
comment on column hostwire.exponential_histograms.sum is 'Their sum; null where it was not sent.';
comment on column hostwire.exponential_histograms.min is 'The smallest; null where it was not sent.';
comment on column hostwire.exponential_histograms.max is 'The largest; null where it was not sent.';
comment on column hostwire.exponential_histograms.scale is 'A bucket''s upper bound is its lower one times 2 to the power of 2 to the power of minus scale.';
comment on column hostwire.exponential_histograms.zero_count is 'How many values were at most zero_threshold away from zero.';
comment on column hostwire.exponential_histograms.zero_threshold is 'What is as good as zero; 0 where nothing was sent.';
comment on column hostwire.exponential_histograms.positive_offset is 'Index of the first positive bucket; null where there is none.';
comment on column hostwire.exponential_histograms.positive_counts is 'How many values each positive bucket has, smallest first.';
comment on column hostwire.exponential_histograms.negative_offset is 'Index of the first negative bucket; null where there is none.';
comment on column hostwire.exponential_histograms.negative_counts is 'How many values each negative bucket has, nearest to zero first.';
comment on column hostwire.exponential_histograms.scope is 'As in metrics.';
comment on column hostwire.exponential_histograms.host_id is 'As in metrics.';

comment on view hostwire.summaries is 'Every point of every summary, as it was sent.';
comment on column hostwire.summaries.time is 'As in metrics.';
comment on column hostwire.summaries.host is 'As in metrics.';
comment on column hostwire.summaries.metric is 'Name of the summary.';
comment on column hostwire.summaries.attributes is 'What else names it.';
comment on column hostwire.summaries.unit is 'Unit of what was observed.';
comment on column hostwire.summaries.count is 'How many values were observed since the start; null, as all other numbers, where the sender says that nothing was recorded.';
comment on column hostwire.summaries.sum is 'Their sum.';
comment on column hostwire.summaries.quantiles is 'The quantiles that were sent, e.g. {0.5, 0.99}, in ascending order.';
comment on column hostwire.summaries.values is 'The value at each of them.';
comment on column hostwire.summaries.scope is 'As in metrics.';
comment on column hostwire.summaries.host_id is 'As in metrics.';
