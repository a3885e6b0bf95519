"""Settings into rooms, by hand, from top to bottom: the only place where rooms meet.

``edge`` and ``console`` are the two processes; ``pair`` starts and watches both; ``demo`` adds a shop. Each imports only
the rooms it builds, so that a falling edge is back before a visitor notices.
"""
