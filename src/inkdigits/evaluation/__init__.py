"""From a run to its figures, pictures and report: `evaluate` one, `compare` several."""

from .api import compare, evaluate
from .comparison import Comparison
from .evaluator import Evaluation
from .made import MadeEvaluation

__all__ = ["Comparison", "Evaluation", "MadeEvaluation", "compare", "evaluate"]
