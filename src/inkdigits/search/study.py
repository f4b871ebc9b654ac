"""A search of settings: its study on disk, what a trial is evaluated by, and who tries what.

A study lies in one folder, and any number of processes work on it. The journal there is only ever
added to, and the lock around each line is the kernel's, which frees it when its holder dies: no
process can leave the study locked or half written, and there is no server to start.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from filelock import FileLock, Timeout

from ..data import Splits
from ..errors import FileError, MissingExtraError, RecipeError, RunError, TrainingError
from ..training.history import best_epoch, stalled
from ..training.loop import Batches, Epoch, State, run_epoch
from ..training.recipe import Recipe
from ..training.symbols import Tensors, check_alphabet
from .space import Axis, own, space

if TYPE_CHECKING:
    import optuna

JOURNAL = "study.jsonl"
SEED = 0  # of what is tried; what a trial is trained from is the recipe's own seed
ALIKE = {
    "recipe": "another recipe or number of epochs",
    "space": "other settings to vary",
    "seeds": "another number of seeds",
    "digits": "other training or validation samples",
}


@dataclass(frozen=True)
class TrialResult:
    """The validation figures of a trial, as means over its seeds."""

    error: float  # the share of validation samples that are misclassified
    loss: float  # cross-entropy
    decisions: int  # validation samples times seeds

    @property
    def objective(self) -> float:
        """What a search makes least: the error rate, and between equals the loss.

        The error rate is what a recogniser is for, and label smoothing does not shift it as it
        shifts a loss. But it comes in steps, 0.02 points with 5,000 samples, so many trials are
        equal: the loss, squeezed to less than one misclassified sample, puts those in order.
        """
        return self.error + self.loss / (1 + self.loss) / self.decisions


@dataclass(frozen=True)
class Trial:
    """Some settings, and what they gave."""

    number: int  # from 1
    state: str  # "complete"; "pruned": stopped early; "fail": training failed
    settings: Mapping[str, object]
    error: float  # of validation; where it was stopped, if pruned; not a number, if failed
    loss: float
    unchanged: bool = False  # whether it is the recipe as it is
    why: str = ""  # it failed


class Study:
    """A search on disk. Make one, or go on with one, by `Study.begin`."""

    def __init__(self, folder: Path) -> None:
        _silence()
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / ".lock")
            with self._lock:
                _mend(folder / JOURNAL)
                # Optuna's own lock is a file: one that a dead process left costs half a minute.
                backend = JournalFileBackend(str(folder / JOURNAL), cast("Any", self._lock))
                self._study = optuna.create_study(
                    storage=JournalStorage(backend), study_name="tune", load_if_exists=True
                )
                begun: dict[str, Any] = self._study.user_attrs.get("begun", {})
            if begun:
                self._read(begun)
        except OSError as error:
            raise FileError(f"Cannot write {folder}: {error.strerror}.") from error
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            raise RunError(
                f"{folder / JOURNAL} is damaged: remove {folder}, or choose another --name."
            ) from error
        except RecipeError as error:
            raise RunError(
                f"{folder} was started by another version ({error}): choose another --name."
            ) from error

    @classmethod
    def begin(
        cls,
        folder: Path,
        recipe: Recipe,
        axes: Sequence[Axis],
        seeds: int,
        splits: Splits,
    ) -> "Study":
        """Return the study in `folder`, begun now or earlier, with this process at work on it.

        Raises
        ------
        RunError
            If it was begun with another recipe, space, number of seeds or other samples,
            whose trials could not be compared with new ones.
        """
        begun = {
            "recipe": recipe.dump(),
            "space": [str(axis) for axis in axes],
            "seeds": seeds,
            "digits": [[part.name, part.digest] for part in (splits.train, splits.validation)],
        }
        study = cls(folder)
        with study._lock:
            kept = study._study.user_attrs.get("begun")
            if kept is None:
                study._study.set_user_attr("begun", begun)
        for what, words in ALIKE.items():
            if kept is not None and kept.get(what) != begun[what]:
                raise RunError(
                    f"{folder} was started with {words}: use the same, or another --name."
                )
        study._read(begun)
        return study

    def _read(self, begun: Mapping[str, Any]) -> None:
        self.recipe = Recipe.parse(begun["recipe"], self.folder.name)
        self.axes = space(self.recipe, begun["space"])
        self.seeds = int(begun["seeds"])
        self._own = own(self.recipe, self.axes)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials that have ended, however they did."""
        frozen = self._study.get_trials(deepcopy=False)
        return tuple(self._trial(trial) for trial in frozen if trial.state.is_finished())

    @property
    def importance(self) -> Mapping[str, float]:
        """How much each setting matters for being in the best quarter (PED-ANOVA), in all 1.

        Empty while fewer than 16 trials are complete: one or two would speak for the quarter.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        if sum(trial.state == "complete" for trial in self.trials) < 16:
            return {}
        evaluator = PedAnovaImportanceEvaluator(target_quantile=0.25)
        return get_param_importances(self._study, evaluator=evaluator)

    @contextmanager
    def ask(self, trials: int) -> Iterator["optuna.Trial | None"]:
        """Give the next trial, held by this process; None where `trials` are done or under way.

        What is tried is a function of the trials so far, so a study that was interrupted goes on,
        in one process, as if it had not been. A trial whose process died is no trial.
        """
        with self._lock:
            trial = self._next(trials)
            if trial is not None:
                held = FileLock(self._holder(trial.number))
                held.acquire()
        if trial is None:
            yield None
            return
        try:
            yield trial
        finally:
            held.release()
            self._holder(trial.number).unlink(missing_ok=True)

    def attempt(
        self,
        trial: "optuna.Trial",
        train: Tensors,
        validation: Tensors,
        watch: Callable[[Batches], None],
    ) -> None:
        """Train with what `trial` says, and write down what came of it.

        It is stopped if after an epoch, from a third of them on, it is worse than half of the
        complete trials were there. What was tried to its end before is not trained again.
        """
        from optuna.pruners import MedianPruner
        from optuna.trial import TrialState

        epochs = self.recipe.training.epochs
        self._study.pruner = MedianPruner(n_startup_trials=5, n_warmup_steps=epochs // 3)
        if (known := self._alike(trial)) is not None:
            for key, value in known.user_attrs.items():
                trial.set_user_attr(key, value)
            self._study.tell(trial, known.value)
            return
        pruned = False
        try:
            recipe = self.recipe.with_settings(self._settings(trial.params))
            for epoch, found in enumerate(learn(recipe, self.seeds, train, validation, watch)):
                trial.report(found.objective, epoch)
                pruned = epoch + 1 < epochs and trial.should_prune()
                if pruned:
                    break
        except (RecipeError, TrainingError, torch.OutOfMemoryError) as error:
            trial.set_user_attr("why", str(error))
            self._study.tell(trial, state=TrialState.FAIL)
            return
        trial.set_user_attr("error", found.error)
        trial.set_user_attr("loss", found.loss)
        if pruned:
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, found.objective)

    def _alike(self, trial: "optuna.Trial") -> "optuna.trial.FrozenTrial | None":
        """Return a complete trial of the same settings, which from the same seeds does the same."""
        from optuna.trial import TrialState

        done = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return next((one for one in done if one.params == trial.params), None)

    def _next(self, trials: int) -> "optuna.Trial | None":
        from optuna.samplers import TPESampler
        from optuna.trial import TrialState

        known = self._study.get_trials(deepcopy=False)
        counted = [t for t in known if t.state.is_finished() or self._held(t.number)]
        if len(counted) >= trials:
            return None
        # The recipe as it is comes first: it is what the others have to beat.
        waiting = any(trial.state == TrialState.WAITING for trial in known)
        if self._own and not waiting and not any(self._is_own(trial.params) for trial in counted):
            own_raws = {axis.setting: axis.raw(self._own[axis.setting]) for axis in self.axes}
            self._study.enqueue_trial(own_raws)
        words = np.random.SeedSequence([SEED, len(counted)]).generate_state(1)
        self._study.sampler = TPESampler(
            seed=int(words[0]),
            multivariate=True,
            constant_liar=False,  # else a trial whose process died would be avoided for ever
        )
        return self._study.ask({axis.setting: axis.distribution() for axis in self.axes})

    def _is_own(self, raws: Mapping[str, Any]) -> bool:
        own = self._own
        return own is not None and all(
            raws.get(axis.setting) == axis.raw(own[axis.setting]) for axis in self.axes
        )

    def _settings(self, raws: Mapping[str, Any]) -> dict[str, object]:
        if self._own is not None and self._is_own(raws):
            return dict(self._own)  # as it is, whatever a draw is rounded to
        return {axis.setting: axis.value(raws[axis.setting]) for axis in self.axes}

    def _trial(self, frozen: "optuna.trial.FrozenTrial") -> Trial:
        known = frozen.user_attrs
        return Trial(
            number=frozen.number + 1,
            state=frozen.state.name.lower(),
            settings=self._settings(frozen.params),
            error=known.get("error", math.nan),
            loss=known.get("loss", math.nan),
            unchanged=self._is_own(frozen.params),
            why=known.get("why", ""),
        )

    def _holder(self, number: int) -> Path:
        return self.folder / f".trial-{number}.lock"

    def _held(self, number: int) -> bool:
        """Whether a process that lives is at trial `number`."""
        if not self._holder(number).exists():
            return False
        try:
            with FileLock(self._holder(number), timeout=0):
                return False
        except Timeout:
            return True


def learn(
    recipe: Recipe,
    seeds: int,
    train: Tensors,
    validation: Tensors,
    watch: Callable[[Batches], None],
) -> Iterator[TrialResult]:
    """Train from `seeds` seeds, all an epoch further at a time; yield what that epoch leaves.

    Each seed counts with the epoch whose weights a run would keep, and stops when a run would.
    """
    check_alphabet(recipe, train)
    first = recipe.training.seed
    recipes = [recipe.with_settings({"training.seed": first + seed}) for seed in range(seeds)]
    states = [State.fresh(seeded, train.images.device) for seeded in recipes]
    histories: list[list[Epoch]] = [[] for _ in recipes]
    for _ in range(recipe.training.epochs):
        if all(stalled(history, recipe, 0) for history in histories):
            return
        for seeded, state, history in zip(recipes, states, histories, strict=True):
            if not stalled(history, recipe, 0):
                history.append(run_epoch(state, seeded, train, validation, watch)[0])
        yield _result(histories, recipe.stopping.monitor, len(validation))


def _result(histories: Sequence[Sequence[Epoch]], monitor: str, digits: int) -> TrialResult:
    kept = [row for history in histories if (row := best_epoch(history, monitor))]
    loss = float(np.mean([row.validation_loss for row in kept]))
    if not math.isfinite(loss):
        raise TrainingError("The validation loss is no longer a number: lower optimiser.rate.")
    wrong = sum(round((1 - row.validation_accuracy) * digits) for row in kept)
    return TrialResult(wrong / (digits * len(kept)), loss, digits * len(kept))


def work(
    study: Study,
    trials: int,
    train: Tensors,
    validation: Tensors,
    watch: Callable[[Batches], None] = lambda _: None,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Try settings until `trials` trials are done or under way; `tell` is called after each."""
    while True:
        with study.ask(trials) as trial:
            if trial is None:
                return
            study.attempt(trial, train, validation, watch)
        tell()


def _silence() -> None:
    try:
        from optuna import logging
    except ModuleNotFoundError as error:
        raise MissingExtraError.of(error) from error
    logging.set_verbosity(logging.ERROR)


def _mend(journal: Path) -> None:
    # A machine that stopped in the midst of a line leaves half of it, and no reader gets past.
    content = journal.read_bytes() if journal.is_file() else b""
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with journal.open("r+b") as file:
            file.truncate(whole)
