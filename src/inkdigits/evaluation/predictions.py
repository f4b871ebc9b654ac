"""What a run predicted for each test sample, saved beside its figures to compare runs by."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from ..data.digits import HALF, Identities
from ..errors import RunError
from ..files import exists, write_bytes
from ..training import weights
from ..training.run import Run, slug
from ..training.weights import SavedWeights
from .evaluator import Evaluation

FILE = "predictions.safetensors"


def elsewhere(run: Run, on: str | None) -> str | None:
    """Return the name under which figures on the data set `on` lie; None for a run's own data."""
    return None if on is None or on == run.recipe.data.name else slug(on)


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

    @property
    def symbols(self) -> tuple[str, ...]:
        """The classes that the probabilities are of: a test sample is none of the rejects."""
        return self.alphabet[: self.probabilities.shape[1]]

    @classmethod
    def load(cls, run: Run, other: str | None = None) -> "Predictions":
        """Return the predictions of the run's last evaluation, of its own test samples or others.

        Raises
        ------
        RunError
            If there was none, or if the file is damaged.
        """
        path, figures = run.path / run.named(FILE, other), run.figures_on(other)
        again = f"inkdigits evaluate {run.name}" + ("" if other is None else f" --on {other}")
        if not exists(path) or not figures:
            where = "" if other is None else f" on {other}"
            raise RunError(f"{run.name} has not been evaluated{where} yet: run `{again}`.")
        damaged = f"{path} is damaged: run `{again}` again."
        try:
            tensors, notes = weights.load_arrays(path), weights.metadata(path)
            about = json.loads(notes["about"])
            found = cls(
                tensors["probabilities"],
                tensors["labels"],
                _identities(tensors["identities"]),
                on=about["on"],
                dataset=about["dataset"],
                digest=about["digest"],
                alphabet=tuple(about["classes"]),
            )
            of = about["weights"]
        except (RunError, KeyError, TypeError, ValueError) as error:
            raise RunError(damaged) from error
        if of != figures["weights"]:
            raise RunError(f"The evaluation of {run.name} did not finish: run `{again}`.")
        if not found.fits(run.recipe.alphabet.names):
            raise RunError(damaged)
        return found

    def fits(self, classes: tuple[str, ...]) -> bool:
        """Whether all arrays are of the same samples, of a network of these `classes`."""
        kinds = [str(array.dtype) for array in (self.probabilities, self.labels)]
        if kinds != ["float32", "int64"] or self.labels.ndim != 1 or self.alphabet != classes:
            return False
        count, least = len(self.labels), self.labels.min(initial=0)
        most = self.labels.max(initial=0)
        wide = self.probabilities.ndim == 2 and self.probabilities.shape[1] <= len(classes)
        return bool(
            wide
            and len(self.probabilities) == len(self.identities) == count
            and 0 <= least <= most < self.probabilities.shape[1]
            and all(isinstance(text, str) for text in (self.on, self.dataset, self.digest))
        )

    @staticmethod
    def write(
        run: Run, evaluation: Evaluation, dataset: str, other: str | None, saved: SavedWeights
    ) -> None:
        """Write the predictions of an evaluation of the weights `saved` on a data set.

        `other` is as for `Run.named`.
        """
        digits = evaluation.digits
        wide = np.ascontiguousarray(digits.identities).view(np.uint8)
        about = {
            "on": evaluation.on,
            "dataset": dataset,
            "digest": digits.digest,
            "classes": evaluation.alphabet.names,
            "weights": saved.digest,
        }
        content = save(
            {
                "probabilities": evaluation.probabilities.astype(np.float32),
                "labels": digits.labels.astype(np.int64),
                "identities": wide.reshape(len(digits), 2 * HALF),
            },
            {"about": json.dumps(about)},
        )
        write_bytes(run.path / run.named(FILE, other), content, make_folders=False)

    def keys(self) -> Identities:
        """Return each sample's identity and how many equal ones precede it: no two are the same."""
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
