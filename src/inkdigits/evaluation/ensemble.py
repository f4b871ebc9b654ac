"""Ensembles: which runs to put together, and how much each counts, chosen on validation."""

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from .. import networks
from ..data.digits import DataSettings
from ..errors import RunError
from ..networks import NetworkSettings
from ..networks.ensemble import Ensemble
from ..training import device as devices
from ..training.loop import Epoch, State, Tensors, measure, predict
from ..training.optimiser import Optimiser, OptimiserSettings
from ..training.recipe import Recipe, Stopping, Training
from ..training.run import FOLDER, Run
from ..training.search import sealed
from .calibration import fit_temperature

NAME = "ensemble"
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
    settings = _shared(opened)
    place = devices.choose(device)
    splits = sealed(opened[0].recipe, data)
    validation = Tensors.of(splits.validation, place)
    members = [run.logits(place) for run in opened]
    logits = [predict(member, validation.images) for member in members]
    temperatures = [fit_temperature(one, validation.labels) for one in logits]
    calibrated = [(one / t).log_softmax(1) for one, t in zip(logits, temperatures, strict=True)]
    votes = select(calibrated, validation.labels, VOTES)
    chosen = [index for index, count in enumerate(votes) if count]
    recipe = Recipe(
        NAME,
        about=f"The mean of {', '.join(opened[index].name for index in chosen)}.",
        data=settings,
        network=NetworkSettings(
            NAME,
            mean=0.0,  # each member normalises for itself
            std=1.0,
            frame=opened[0].recipe.network.frame,
            options={
                "members": [
                    asdict(replace(opened[index].recipe.network, head="logits", frame=False))
                    for index in chosen
                ],
                "weights": [votes[index] / VOTES for index in chosen],
                "temperatures": [round(temperatures[index], 4) for index in chosen],
            },
        ),
        optimiser=OptimiserSettings("sgd"),
        training=Training(epochs=1),
        stopping=Stopping("last"),
    )
    network = networks.build(recipe.network)
    for part, index in zip(cast("Ensemble", network.body).members, chosen, strict=True):
        part.load_state_dict(members[index].state_dict())
    state = State(networks.place(network, place), Optimiser(recipe.optimiser, network), None, 1)
    judged, _ = measure(state.network, validation)
    row = Epoch(
        epoch=1,
        train_loss=math.nan,
        train_accuracy=math.nan,
        train_precision=math.nan,
        train_recall=math.nan,
        validation_loss=judged.loss,
        validation_accuracy=judged.accuracy,
        validation_precision=judged.precision,
        validation_recall=judged.recall,
        rate=0.0,
        seconds=sum(row.seconds for index in chosen for row in opened[index].history),
        validation_seconds=0.0,
    )
    run = Run.create(recipe, name, Path(runs))
    with run.locked():
        run.write_environment(splits, place)
        run.save_best(state)
        run.save_last(state, [row], 0)
    return run


def select(said: Sequence[Tensor], labels: Tensor, votes: int) -> list[int]:
    """Return how many of `votes` each member gets, greedily, so that `labels` are likeliest.

    Parameters
    ----------
    said
        Logarithms of probabilities ``(N, C)``, a tensor a member.
    labels
        The true classes ``(N,)``.
    votes
        How many are given, one after the other.
    """
    of_truth = torch.stack([one.gather(1, labels[:, None]).squeeze(1).exp() for one in said])
    given = [0] * len(said)
    total = torch.zeros_like(of_truth[0])
    for _ in range(votes):
        best = int((total + of_truth).clamp_min(1e-12).log().mean(1).argmax())
        given[best] += 1
        total = total + of_truth[best]
    return given


def _shared(opened: Sequence[Run]) -> DataSettings:
    """Return the digits that all runs learned from and were validated on."""
    if len(opened) < 2:
        raise RunError("An ensemble needs two different runs or more: name them.")
    first = opened[0]
    for run in opened[1:]:
        if run.recipe.data != first.recipe.data:
            raise RunError(
                f"{run.name} learned from {run.recipe.data.name} ({run.recipe.data.split}), "
                f"{first.name} from {first.recipe.data.name} ({first.recipe.data.split}): "
                "an ensemble is chosen on the validation digits that all of its runs share."
            )
        ours, theirs = first.recipe.network, run.recipe.network
        if (ours.classes, ours.frame) != (theirs.classes, theirs.frame):
            raise RunError(
                f"{run.name} and {first.name} differ in their outputs or in network.frame: "
                "an ensemble needs the same of each."
            )
    return first.recipe.data
