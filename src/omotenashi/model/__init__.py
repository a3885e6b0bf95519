"""Frozen words that rooms share. Imports msgspec and nothing of ours."""
