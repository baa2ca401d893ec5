"""What people see: pages, JSON API, live stream, health, /metrics. On its own port, never on the proxied one.

The console reads; nothing here changes a figure. It says through protocols (`sources`) what it needs, and the observer
brings it. Pages are whole without a script: the one script only refreshes numbers that the server already wrote.
"""
