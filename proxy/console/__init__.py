"""What people see: pages, JSON API, live stream, health, /metrics. On its own port."""
