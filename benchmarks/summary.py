"""Many values of one kind in a few numbers: where their middle is, and how far they lie apart."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """Mean, median, least and greatest.

    Of shares the mean tells; of times and rates the median, which one slow run does not move.
    """

    mean: float
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Summary":
        """Summarise `values`, one at least."""
        return cls(statistics.fmean(values), statistics.median(values), min(values), max(values))

    @staticmethod
    def interval(values: Sequence[float]) -> tuple[float, float] | None:
        """Return the 95% interval of the mean by Student's t; None for a single value."""
        from scipy.stats import t

        if len(values) < 2:
            return None
        mean = statistics.fmean(values)
        half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values)
        half /= math.sqrt(len(values))
        return mean - half, mean + half
