"""Hands the figures to observability back ends through OpenTelemetry.

One MeterProvider per observer feeds two readers: `/metrics` for Prometheus, and OTLP push when the standard
`OTEL_EXPORTER_OTLP_*` variables name a collector. Both show the same names and the same numbers, so feed only one of
them into one database: with both, every sum doubles.

Counters and histograms take a batch of changes at a time, added up by label set: an instrument of the SDK takes 7 to 9 us a
call. Gauges read a cache, so that a scrape never waits for the store. Label values come from closed sets; a word that only the
wire knows (model, channel) is admitted up to a limit and is `other` past it.
"""
