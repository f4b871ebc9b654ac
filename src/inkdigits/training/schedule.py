"""Learning-rate schedules: what multiplies the rate, as a pure function of how far the run is.

There is no scheduler object to forget to step, and none whose state a resumed run must restore.
"""

import math
from dataclasses import dataclass

from ..errors import RecipeError, nearest
from ..limits import within

NAMES = ("constant", "linear", "cosine", "one-cycle", "step", "range")
LEAST = 0.001  # of gamma, and of the run between two steps


@dataclass(frozen=True)
class Schedule:
    """How the rate changes from the first step to the last.

    ``constant``; ``linear`` or ``cosine`` down to ``final``; ``one-cycle``: up over the warm-up and
    by a cosine down to ``final``; ``step``: times ``gamma`` after every ``every`` of the run;
    ``range``: geometrically up from ``start`` to 1, for the range test of `rates`.
    """

    name: str = "constant"
    warmup: float = 0.0  # part of the run in which the rate first rises from `start`
    start: float = 0.0  # factor that the warm-up, or the range, starts from
    final: float = 0.0  # factor at the end
    gamma: float = 0.1
    every: float = 0.5
    factor: float = 1.0  # multiplies all of it: what a scheduler that never steps leaves behind

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise RecipeError(
                f"schedule.name {self.name!r} is unknown; {nearest(self.name, NAMES)}"
            )
        for setting in ("warmup", "start", "final"):
            if not 0 <= getattr(self, setting) <= 1:
                raise RecipeError(f"schedule.{setting} must be from 0 to 1.")
        why = "it is the fraction of the run between two steps"
        within("schedule.every", self.every, LEAST, 1, why)
        if self.name == "one-cycle" and not 0 < self.warmup < 1:
            raise RecipeError(
                "schedule.warmup of a one-cycle must be between 0 and 1: try 0.2 or 0.3."
            )
        if self.name == "range" and (self.start == 0 or self.warmup):
            raise RecipeError("A schedule of kind range needs a start above 0 and no warm-up.")
        within("schedule.gamma", self.gamma, LEAST, 1)
        within("schedule.factor", self.factor, LEAST**2, 1 / LEAST)

    def at(self, progress: float) -> float:
        """Return what multiplies the rate when `progress`, 0 to 1, of the run is done."""
        if progress < self.warmup:
            rise = progress / self.warmup
            return self.factor * (self.start + (1 - self.start) * rise)
        fallen = (progress - self.warmup) / (1 - self.warmup) if self.warmup < 1 else 0.0
        return self.factor * self._fall(fallen)

    def _fall(self, fallen: float) -> float:
        if self.name == "linear":
            return 1 + (self.final - 1) * fallen
        if self.name in ("cosine", "one-cycle"):
            return self.final + (1 - self.final) * (1 + math.cos(math.pi * fallen)) / 2
        if self.name == "step":
            return float(self.gamma) ** int(fallen / self.every + 1e-9)
        if self.name == "range":
            return float(self.start ** (1 - fallen))
        return 1.0
