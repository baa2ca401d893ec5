"""Keeps what was learned: the outbox on this host (SQLite), sessions, ledger and people in Redis or Valkey."""
