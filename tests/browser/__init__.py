"""Tests in a real Chromium: the tag against an edge that only remembers, and the demo against the real one."""
