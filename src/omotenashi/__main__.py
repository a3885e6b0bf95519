"""``python -m omotenashi`` is ``omotenashi``."""

from omotenashi.cli import main

main()
