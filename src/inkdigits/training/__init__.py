"""From a recipe to a run: `train` begins one, `resume` goes on with one."""

from .api import resume, train
from .recipe import Recipe
from .run import Run

__all__ = ["Recipe", "Run", "resume", "train"]
