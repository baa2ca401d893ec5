"""Asks the assistants themselves at intervals, beside people's traffic, whether they are up and still know what they should.

A probe goes to the assistant's own addresses and not through a relay, so that it is in no count of people's traffic, and so that
what it finds is the assistant's doing. It says so by `x-synthetic: 1`, for proxies that come after.
"""
