"""Bytes by key: pictures, and whatever else is too large for a row."""
