"""The definitions, pure: events -> sessions -> outcomes -> sums -> measures. No I/O, no clock, no environment."""
