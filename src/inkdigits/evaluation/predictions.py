"""What a run predicted for each test sample, kept beside its figures: so runs can be compared."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..data.digits import HALF, Identities
from ..errors import RunError
from ..files import write_bytes
from ..training.run import Run
from .evaluator import Evaluation

FILE = "predictions.safetensors"


@dataclass(frozen=True)
class Predictions:
    """What a run predicted for test samples.

    Attributes
    ----------
    probabilities
        ``(N, C)``.
    labels
        What they are, ``(N,)``.
    identities
        By what each sample is known, ``(N,)``; see `Digits`.
    on
        As a person calls them.
    dataset
        The name or path of the data set that they come from.
    digest
        By what all of them are known.
    alphabet
        The classes, in the order of the probabilities.
    """

    probabilities: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    identities: Identities
    on: str
    dataset: str
    digest: str
    alphabet: tuple[str, ...]

    @classmethod
    def load(cls, run: Run, other: str | None = None) -> "Predictions":
        """Return the predictions of the run's last evaluation, of its own test samples or others.

        Raises
        ------
        RunError
            If there was none, or if the file is damaged.
        """
        path = run.path / run.named(FILE, other)
        again = f"inkdigits evaluate {run.name}" + ("" if other is None else f" --on {other}")
        if not path.is_file() or not run.figures_on(other):
            raise RunError(f"{run.name} has not been evaluated yet: run `{again}`.")
        try:
            with safe_open(path, framework="np") as file:
                metadata = file.metadata() or {}
                return cls(
                    probabilities=file.get_tensor("probabilities"),
                    labels=file.get_tensor("labels"),
                    identities=_identities(file.get_tensor("identities")),
                    on=metadata["on"],
                    dataset=metadata["dataset"],
                    digest=metadata["digest"],
                    alphabet=tuple(json.loads(metadata["classes"])),
                )
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise RunError(f"{path} is damaged: run `{again}` again.") from error

    @staticmethod
    def write(run: Run, evaluation: Evaluation, dataset: str, other: str | None) -> None:
        """Keep what `evaluation` found of each sample of a data set; `other` as for `Run.named`."""
        digits = evaluation.digits
        wide = np.ascontiguousarray(digits.identities).view(np.uint8)
        content = save(
            {
                "probabilities": evaluation.probabilities.astype(np.float32),
                "labels": digits.labels.astype(np.int64),
                "identities": wide.reshape(len(digits), 2 * HALF),
            },
            {
                "on": evaluation.on,
                "dataset": dataset,
                "digest": digits.digest,
                "classes": json.dumps(evaluation.alphabet.names),
            },
        )
        write_bytes(run.path / run.named(FILE, other), content)

    def keys(self) -> Identities:
        """Return each sample's identity with how often it came before: no two are the same."""
        order = np.argsort(self.identities, kind="stable")
        ordered = self.identities[order]
        first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.empty(0, bool)
        begins = np.maximum.accumulate(np.where(first, np.arange(len(ordered)), 0))
        earlier = np.empty(len(ordered), np.int64)
        earlier[order] = np.arange(len(ordered)) - begins
        counts = np.char.mod("%08d", earlier).astype("S8")
        padded = np.ascontiguousarray(self.identities).view(np.uint8).reshape(-1, 2 * HALF)
        joined = np.concatenate([padded, counts.view(np.uint8).reshape(-1, 8)], axis=1)
        return np.ascontiguousarray(joined).view(f"S{2 * HALF + 8}").ravel()


def _identities(wide: npt.NDArray[np.uint8]) -> Identities:
    if wide.dtype != np.uint8 or wide.ndim != 2 or wide.shape[1] != 2 * HALF:
        raise ValueError("identities are 16 bytes each")
    return np.ascontiguousarray(wide).view(f"S{2 * HALF}").ravel()
