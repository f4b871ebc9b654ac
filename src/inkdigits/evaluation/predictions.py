"""What a run said of each test digit, kept beside its figures so that runs can be compared."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..errors import RunError
from ..files import write_bytes
from ..training.run import Run
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
        path = run.path / FILE
        if not path.is_file() or not run.figures:
            raise RunError(
                f"{run.name} has not been evaluated: run `inkdigits evaluate {run.name}`."
            )
        try:
            with safe_open(path, framework="np") as file:
                metadata = file.metadata() or {}
                return cls(
                    probabilities=file.get_tensor("probabilities"),
                    labels=file.get_tensor("labels"),
                    index=file.get_tensor("index"),
                    on=metadata["on"],
                    digits=metadata["digits"],
                )
        except (OSError, SafetensorError, KeyError) as error:
            raise RunError(
                f"{path} is damaged: run `inkdigits evaluate {run.name}` again."
            ) from error

    @staticmethod
    def write(run: Run, evaluation: Evaluation, digits: str, other: str | None) -> None:
        """Keep what `evaluation` found of each digit of the collection `digits`.

        `other` is its name where it is not the run's own.
        """
        content = save(
            {
                "probabilities": evaluation.probabilities.astype(np.float32),
                "labels": evaluation.digits.labels,
                "index": evaluation.digits.index,
            },
            {"on": evaluation.on, "digits": digits},
        )
        write_bytes(run.path / run.named(FILE, other), content)

    def rows(self, index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the row of each digit at `index` of the collection."""
        place = {int(where): row for row, where in enumerate(self.index)}
        return np.array([place[int(where)] for where in index], np.int64)
