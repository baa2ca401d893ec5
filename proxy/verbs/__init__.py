"""The verbs of the command `kpi-proxy`, one file each: its options, and what it does.

A verb's module gives `add`, which adds its options and sets `run`. Rooms are imported inside `run`, so that `--help` and
settings errors cost nothing. `run` returns the exit status: 0 fine, 1 it ran and failed, 2 it was asked wrongly.
"""
