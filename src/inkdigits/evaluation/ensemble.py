"""Ensembles: which runs to put together, and how much each counts, chosen on validation."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from .. import networks
from ..data import Splits
from ..errors import RunError
from ..networks import NetworkSettings
from ..networks.ensemble import Ensemble
from ..training import datasets, saving, symbols
from ..training import device as devices
from ..training.loop import Epoch, State
from ..training.new_run import check_new
from ..training.optimiser import Optimiser, OptimiserSettings
from ..training.pretrained import seal
from ..training.recipe import Recipe, Stopping, Training
from ..training.run import FOLDER, Run
from ..training.samples import Figures
from ..training.symbols import Tensors, predict
from ..training.weights import SavedWeights
from .calibration import fit_temperature

NAME = "ensemble"
NOT_TRAINED = Figures(math.nan, math.nan, math.nan, math.nan)
VOTES = 20  # a member's weight is how many of them it gets


def ensemble(
    *names: str | Path | Run,
    name: str | None = None,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
    device: str = "auto",
) -> Run:
    """Put runs together to one that answers with the mean of theirs.

    Members and weights are chosen on the validation digits, by greedy selection with replacement
    (Caruana et al. 2004): again and again that run gets a vote whose vote makes the labels
    likeliest. Runs without a vote are left out. Each member is calibrated first.

    Parameters
    ----------
    names
        Names or folders of two runs or more that learned from the same digits.
    name
        What to call the new run; by default ``ensemble``, numbered if need be.
    runs
        The folder that holds the runs.
    data, device
        As for `train`.

    Returns
    -------
    Run
        Like any other: it can be evaluated, compared, exported and read with. Its one epoch bears
        the training times of its members, and no training figures.

    Raises
    ------
    RunError
        If there are too few runs, or if they cannot be put together.
    """
    found = [Run.open(one, Path(runs)) for one in names]
    opened = list({run.path.resolve(): run for run in found}.values())
    for run in opened:
        run.recipe.check_symbols("An ensemble")
        if run.recipe.network.name == NAME:
            raise RunError(f"{run.name} is an ensemble: name the runs that it was made of.")
    _check_alike(opened)
    check_new(name, Path(runs))
    place = devices.choose(device)
    _, splits, _ = datasets.opened(opened[0].recipe, data, sealed=True)
    for run in opened:
        datasets.check_validation(run, splits)
    validation = Tensors.of(splits.validation, place)
    members = [_Member.of(run, validation) for run in opened]
    votes = select([member.log_probabilities for member in members], validation.labels, VOTES)
    chosen = {index: count / VOTES for index, count in enumerate(votes) if count}
    weights = list(chosen.values())
    return _keep([members[index] for index in chosen], weights, splits, name, Path(runs), place)


@dataclass(frozen=True, eq=False)
class _Member:
    """A run, its network, and what it says of the validation digits once it is calibrated."""

    run: Run
    network: nn.Sequential
    temperature: float
    log_probabilities: Tensor  # logarithms of probabilities (N, C)

    @classmethod
    def of(cls, run: Run, validation: Tensors) -> "_Member":
        network = run.logits(validation.images.device)
        logits = predict(network, validation.images)
        temperature = fit_temperature(logits, validation.labels)
        return cls(run, network, temperature, (logits / temperature).log_softmax(1))


def _recipe(members: Sequence[_Member], weights: Sequence[float]) -> Recipe:
    """Return the recipe of the ensemble: the settings of its members, and what each counts."""
    runs = [member.run for member in members]
    bare = [replace(run.recipe.network, head="logits", frame=False) for run in runs]
    options = {
        "members": [asdict(settings) for settings in bare],
        "weights": list(weights),
        "temperatures": [round(member.temperature, 4) for member in members],
    }
    first = runs[0].recipe
    return Recipe(
        NAME,
        about=f"The mean of {', '.join(run.name for run in runs)}.",
        data=first.data,
        alphabet=first.alphabet,
        # Each member normalises for itself; framing happens once, for all.
        network=NetworkSettings(
            NAME,
            size=first.network.size,
            mean=0.0,
            std=1.0,
            frame=first.network.frame,
            options=options,
        ),
        optimiser=OptimiserSettings("sgd"),
        training=Training(epochs=1),
        stopping=Stopping("last"),
    )


def _keep(
    members: Sequence[_Member],
    weights: Sequence[float],
    splits: Splits,
    name: str | None,
    folder: Path,
    device: torch.device,
) -> Run:
    """Write the ensemble as a run of one epoch, and return it."""
    recipe = _recipe(members, weights)
    network = networks.build(recipe.network, recipe.alphabet)
    for part, member in zip(cast("Ensemble", network.body).members, members, strict=True):
        part.load_state_dict(member.network.state_dict())
    state = State(networks.place(network, device), Optimiser(recipe.optimiser, network), None, 1)
    parts = symbols.parts(splits, device)
    result, _ = parts.validation.measure(state.network, recipe)
    spent = sum(row.seconds for member in members for row in member.run.history)
    row = Epoch.of(1, NOT_TRAINED, result, rate=0.0, seconds=spent, validation_seconds=0.0)
    state.best = SavedWeights.of(state.network, 1)

    def begin(run: Run) -> None:
        run.write_environment(parts.describe(), device)
        saving.save(run, state, [row], 0)

    run = Run.create(recipe, name, folder, begin)
    with run.locked():
        seal(run)
    return run


def select(log_probabilities: Sequence[Tensor], labels: Tensor, votes: int) -> list[int]:
    """Return how many of `votes` each member gets, greedily, so that `labels` are likeliest.

    Parameters
    ----------
    log_probabilities
        Logarithms of probabilities ``(N, C)``, a tensor a member.
    labels
        The true classes ``(N,)``.
    votes
        How many are given, one after the other.
    """
    of_truth = torch.stack(
        [one.gather(1, labels[:, None]).squeeze(1).exp() for one in log_probabilities]
    )
    given = [0] * len(log_probabilities)
    total = torch.zeros_like(of_truth[0])
    for _ in range(votes):
        best = int((total + of_truth).clamp_min(1e-12).log().mean(1).argmax())
        given[best] += 1
        total = total + of_truth[best]
    return given


def _check_alike(opened: Sequence[Run]) -> None:
    """Refuse runs that do not share their digits, their outputs or how pictures reach them."""
    if len(opened) < 2:
        raise RunError("An ensemble needs two different runs or more: name them.")
    first = opened[0]
    for run in opened[1:]:
        ours, theirs = (
            (one.recipe.alphabet, one.recipe.network.frame, one.recipe.network.size)
            for one in (first, run)
        )
        if ours != theirs:
            raise RunError(
                f"{run.name} and {first.name} differ in alphabet, network.frame or network.size: "
                "the members of an ensemble must have the same."
            )
