"""Rules: a condition tree parsed once and read in several ways that must agree."""
