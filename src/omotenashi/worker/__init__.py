"""Loops that tail the log and wake what sleeps. They run in the console process."""
