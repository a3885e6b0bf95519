"""What the edge counts about itself, as Prometheus reads it."""

from bisect import bisect_left
from collections import Counter
from typing import Final

BOUNDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Seconds; upper bounds of the answer time's buckets."""


class Metrics:
    """Counters and one histogram; plain numbers, since only the loop's thread writes them."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()  # by source
        self.dropped: Counter[str] = Counter()  # by Drop
        self.refused: Counter[str] = Counter()  # by Refusal
        self.ignored: Counter[str] = Counter()  # by Ignored
        self.messages = 0
        self.holdouts = 0
        self.unwritten = 0  # messages whose text could not be written
        self.merges = 0
        self.import_rows = 0
        self.recoveries = 0
        self.failures = 0  # errors of our own that ended a request
        self.answers = 0
        self.seconds = 0.0
        self._buckets = [0] * (len(BOUNDS) + 1)

    def answered(self, seconds: float) -> None:
        """Counts one answered request."""
        self.answers += 1
        self.seconds += seconds
        self._buckets[bisect_left(BOUNDS, seconds)] += 1

    def text(self, gauges: dict[str, float]) -> str:
        """The exposition format, version 0.0.4. ``gauges`` are read by the caller at this moment."""
        lines: list[str] = []
        for name, label, counts, words in (
            ("events", "source", self.events, "Events taken."),
            ("events_dropped", "reason", self.dropped, "Events left out."),
            ("requests_refused", "reason", self.refused, "Requests answered with an error."),
            ("requests_ignored", "reason", self.ignored, "Requests answered without being taken."),
        ):
            lines += [f"# HELP omotenashi_{name}_total {words}", f"# TYPE omotenashi_{name}_total counter"]
            lines += [f'omotenashi_{name}_total{{{label}="{key}"}} {count}' for key, count in sorted(counts.items())]
        for name, value, words in (
            ("messages", self.messages, "Messages handed to pages."),
            ("holdouts", self.holdouts, "Holdout places handed to pages."),
            ("messages_unwritten", self.unwritten, "Messages whose text could not be written."),
            ("merges", self.merges, "Visitors who became a known member."),
            ("import_rows", self.import_rows, "Imported rows."),
            ("recoveries", self.recoveries, "Times the edge read its log again after a storage failure."),
            ("failures", self.failures, "Requests that ended in an error of our own."),
        ):
            lines += [
                f"# HELP omotenashi_{name}_total {words}",
                f"# TYPE omotenashi_{name}_total counter",
                f"omotenashi_{name}_total {value}",
            ]
        lines += [
            "# HELP omotenashi_answer_seconds From the whole body to the answer on disk.",
            "# TYPE omotenashi_answer_seconds histogram",
        ]
        total = 0
        for bound, count in zip(BOUNDS, self._buckets, strict=False):
            total += count
            lines.append(f'omotenashi_answer_seconds_bucket{{le="{bound}"}} {total}')
        lines += [
            f'omotenashi_answer_seconds_bucket{{le="+Inf"}} {self.answers}',
            f"omotenashi_answer_seconds_sum {self.seconds:.6f}",
            f"omotenashi_answer_seconds_count {self.answers}",
        ]
        for name, number in gauges.items():
            lines += [f"# TYPE omotenashi_{name} gauge", f"omotenashi_{name} {number}"]
        return "\n".join(lines) + "\n"
