"""Hands the figures to observability back ends through OpenTelemetry."""
