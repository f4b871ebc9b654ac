"""What a run said of each test digit, kept beside its figures so that runs can be compared."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from ..errors import RunError
from ..files import exists, write_bytes
from ..training import weights
from ..training.run import Run
from ..training.weights import SavedWeights
from .judge import Evaluation

FILE = "predictions.safetensors"


@dataclass(frozen=True)
class Predictions:
    """Probabilities ``(N, C)``, labels ``(N,)`` and where each digit stands in its collection."""

    probabilities: npt.NDArray[np.float32]
    labels: npt.NDArray[np.uint8]
    index: npt.NDArray[np.int64]
    on: str  # as a person calls the digits
    digits: str  # the collection they come from

    @classmethod
    def load(cls, run: Run) -> "Predictions":
        """Return the predictions of the run's last evaluation.

        Raises
        ------
        RunError
            If there was none, or if the file is damaged.
        """
        path, figures = run.path / FILE, run.figures
        if not exists(path) or not figures:
            raise RunError(
                f"{run.name} was not evaluated yet: run `inkdigits evaluate {run.name}`."
            )
        damaged = f"{path} is damaged: run `inkdigits evaluate {run.name}` again."
        try:
            tensors, notes = weights.load_arrays(path), weights.metadata(path)
            told = json.loads(notes["told"])
            found = cls(
                tensors["probabilities"],
                tensors["labels"],
                tensors["index"],
                on=told["on"],
                digits=told["digits"],
            )
            of = told["weights"]
        except (RunError, KeyError, TypeError, ValueError) as error:
            raise RunError(damaged) from error
        if of != figures["weights"]:
            raise RunError(
                f"{run.name} was not evaluated to the end: run `inkdigits evaluate {run.name}`."
            )
        if not found.fits(len(run.recipe.alphabet)):
            raise RunError(damaged)
        return found

    def fits(self, classes: int) -> bool:
        """Whether all arrays are of the same digits, with so many `classes`."""
        kinds = [str(array.dtype) for array in (self.probabilities, self.labels, self.index)]
        if kinds != ["float32", "uint8", "int64"] or self.labels.ndim != 1:
            return False
        count = len(self.labels)
        return (
            self.probabilities.shape == (count, classes)
            and self.index.shape == (count,)
            and len(np.unique(self.index)) == count
            and (not count or int(self.labels.max()) < classes)
            and isinstance(self.on, str)
            and isinstance(self.digits, str)
        )

    @staticmethod
    def write(
        run: Run, evaluation: Evaluation, digits: str, other: str | None, saved: SavedWeights
    ) -> None:
        """Keep what `evaluation` of the weights `saved` found of each digit of `digits`.

        `digits` is a collection, and `other` its name where it is not the run's own.
        """
        told = {"on": evaluation.on, "digits": digits, "weights": saved.digest}
        content = save(
            {
                "probabilities": evaluation.probabilities.astype(np.float32),
                "labels": evaluation.digits.labels,
                "index": evaluation.digits.index,
            },
            {"told": json.dumps(told)},
        )
        write_bytes(run.path / run.named(FILE, other), content, make_folders=False)

    def rows(self, index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the row of each digit at `index` of the collection."""
        place = {int(where): row for row, where in enumerate(self.index)}
        return np.array([place[int(where)] for where in index], np.int64)
