"""The ledger on one machine: SQLite files, each with one writing connection."""
