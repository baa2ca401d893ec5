"""Times that are added up here say what the SDK's own histogram says of them, in sums and in differences."""

from __future__ import annotations

import pytest
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import AggregationTemporality, Histogram, InMemoryMetricReader, Metric

from proxy.export.timings import Labels, Recorded, Timings

BOUNDS = (0.1, 1.0, 10.0)
LIMIT = 2
A, B, C = [(("channel", name),) for name in "abc"]
BATCHES: list[list[tuple[Labels, list[float]]]] = [
    [(A, [0.05, 0.1, 3.0]), (B, [100.0])],
    [(A, [0.2]), (C, [1.0, 2.0])],
    [],
    [(B, [0.0, 10.0])],
]


def points(metric: Metric | None) -> dict[str, object]:
    if metric is None:
        return {}
    assert isinstance(metric.data, Histogram)
    return {
        str(sorted((point.attributes or {}).items())): (
            point.count,
            pytest.approx(point.sum),
            tuple(point.bucket_counts),
            tuple(point.explicit_bounds),
            point.min,
            point.max,
        )
        for point in metric.data.data_points
    }


@pytest.mark.parametrize("difference", [False, True])
def test_points_are_those_of_the_sdk(difference: bool) -> None:
    temporality = AggregationTemporality.DELTA if difference else AggregationTemporality.CUMULATIVE
    reader = InMemoryMetricReader({sdk.Histogram: temporality}, cardinality_limits={sdk.Histogram: LIMIT})
    recorded = Recorded(sdk.MeterProvider([reader], shutdown_on_exit=False).get_meter("test"), "times", "Times", BOUNDS)
    timings = Timings("times", "Times", BOUNDS, LIMIT)
    for batch in BATCHES:
        for labels, seconds in batch:
            recorded.add(labels, seconds)
            timings.add(labels, seconds)
        data = reader.get_metrics_data()
        theirs = data.resource_metrics[0].scope_metrics[0].metrics[0] if data is not None else None
        ours = timings.metric(difference=difference)
        assert points(ours) == points(theirs)
        if ours is not None and theirs is not None:
            assert isinstance(ours.data, Histogram)
            assert isinstance(theirs.data, Histogram)
            assert ours.data.aggregation_temporality == theirs.data.aggregation_temporality
            assert (ours.name, ours.unit, ours.description) == (theirs.name, theirs.unit, theirs.description)


def test_differences_follow_each_other_without_a_gap() -> None:
    timings = Timings("times", "Times", BOUNDS, LIMIT)
    times = []
    for _ in range(3):
        timings.add(A, [1.0])
        metric = timings.metric(difference=True)
        assert metric is not None
        (point,) = metric.data.data_points
        times.append((point.start_time_unix_nano, point.time_unix_nano))
    assert times[0][0] <= times[0][1] <= times[1][0] <= times[1][1] <= times[2][0] <= times[2][1]
