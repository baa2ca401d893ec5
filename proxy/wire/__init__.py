"""Reads bytes: transfer framing, compression, and the message formats of assistant APIs. Pure: no I/O, no clock."""
