"""The process that understands records and keeps the KPIs."""
