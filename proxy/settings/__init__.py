"""What the operator decides: YAML, environment and command line become frozen settings before the first socket opens.

`model` is plain data that every room may import; `load` reads and checks (and is the only place that knows YAML).
"""
