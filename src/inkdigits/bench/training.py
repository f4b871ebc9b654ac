"""Time to 99.0% of MNIST's test digits: ours against others, side by side in one run.

Every round trains all peers in turn, each from the round's seed, so what slows the machine slows
them all. Seconds are of training alone: not of imports, reading files, building a network or
evaluating, nor of what is done once and for all to the digits before the first epoch.

After each epoch the test digits are read to see whether the goal is reached. That chooses nothing:
no network and no setting is picked by it, here or elsewhere.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

from ..data import load_collection
from ..data.digits import SPLITS, Collection, Digits
from ..errors import InkdigitsError, nearest
from ..training import Recipe
from . import results
from .peers import PEERS, Learner, Peer
from .spread import Spread

GOAL = 0.99
SECONDS = 900.0  # of training; a peer that has had them is given no further epoch
WARM = 640  # digits of the training that nobody measures


@dataclass(frozen=True)
class Trained:
    """One training, to the goal or to the end of what a peer is given."""

    seconds: float
    epochs: int
    test: float  # top-1 at the end
    parameters: int | None

    @property
    def reached(self) -> bool:
        """Whether it stopped because it was good enough."""
        return self.test >= GOAL


def measure(
    out: Path, rounds: int, data: Path | None = None, peers: Sequence[str] | None = None
) -> Path:
    """Train the peers in turn for so many rounds; write ``training.json``.

    It is written after every round, but for those that would leave fewer than were there.

    Parameters
    ----------
    out
        The folder to write to.
    rounds
        Trainings of each peer: from seed 0, 1, 2 …
    data
        The folder that holds MNIST.
    peers
        Names of `PEERS`; by default all. Where a package is missing its peers are skipped, and
        the file says so.

    Raises
    ------
    InkdigitsError
        If a peer is unknown, if `out` holds others, or if MNIST cannot be had.
    """
    chosen = {name: _peer(name) for name in peers or PEERS}
    before = results.load(out, results.TRAINING)
    if others := {row["name"] for row in before.get("rows", ())} - set(chosen):
        raise InkdigitsError(
            f"{out} holds what {', '.join(sorted(others))} took beside the rest, which cannot be "
            "measured apart: name another folder by --out, or no peer."
        )
    there = {name: peer for name, peer in chosen.items() if _installed(peer)}
    skipped = [
        {"what": name, "why": f"{peer.needs} is not installed"}
        for name, peer in chosen.items()
        if name not in there
    ]
    collection = load_collection("mnist", data)
    test = collection.open_test()
    for peer in there.values():
        # What a process does once, on a peer's first batches, is nobody's training.
        peer.begin(_digits(peer, collection)[:WARM], 0).epoch()
    trained: dict[str, list[Trained]] = {name: [] for name in there}
    path = out
    for seed in range(rounds):
        for name, peer in there.items():
            if seed == 0 or peer.seeded:
                learner = peer.begin(_digits(peer, collection), seed)
                trained[name].append(to_goal(learner, peer.epochs, test))
        found = {
            "machine": results.machine(),
            "goal": GOAL,
            "rounds": seed + 1,
            "rows": rows(there, trained),
            "skipped": skipped,
        }
        if seed + 1 == rounds or seed + 1 >= before.get("rounds", 0):
            path = results.save(out, results.TRAINING, found)  # never fewer rounds than were there
    return path


def to_goal(learner: Learner, epochs: int, test: Digits) -> Trained:
    """Train until `GOAL` of `test` is read rightly, or epochs or seconds are used up."""
    seconds, done, right = 0.0, 0, 0.0
    while done < epochs and seconds < SECONDS and right < GOAL:
        begin = time.perf_counter()
        learner.epoch()
        seconds += time.perf_counter() - begin
        done += 1
        right = float((learner.read(test.images) == test.labels).mean())
    return Trained(seconds, done, right, learner.parameters)


def rows(
    peers: Mapping[str, Peer], trained: Mapping[str, Sequence[Trained]]
) -> list[dict[str, Any]]:
    """Return what the page shows of each peer, as JSON knows it.

    ``ratio`` is its seconds to the goal over ours of the same round; ``epochs`` is the mean of
    those trained, None for what does not learn by epochs.
    """
    ours = next((trained[name] for name, peer in peers.items() if peer.recipe), [])
    return [_row(name, peer, trained[name], ours) for name, peer in peers.items()]


def _row(
    name: str, peer: Peer, trained: Sequence[Trained], ours: Sequence[Trained]
) -> dict[str, Any]:
    pairs = zip(trained, ours, strict=False)  # what is trained once is compared once
    ratios = [one.seconds / we.seconds for one, we in pairs if one.reached and we.reached]
    return {
        "name": name,
        "what": peer.what,
        "ours": bool(peer.recipe),
        "parameters": trained[-1].parameters,
        "n": len(trained),
        "reached": sum(one.reached for one in trained),
        "test_top_1": _spread([one.test for one in trained]),
        "seconds": _spread([one.seconds for one in trained]),
        "seconds_to_goal": _spread([one.seconds for one in trained if one.reached]),
        "epochs": fmean(one.epochs for one in trained) if peer.counted else None,
        "ratio": None if peer.recipe else _spread(ratios),
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    return vars(Spread.of(values)) if values else None


def _digits(peer: Peer, collection: Collection) -> Digits:
    """Return all training digits, as everyone trains on; for ours, what the recipe says."""
    if not peer.recipe:
        return collection.training
    return SPLITS[Recipe.load(peer.recipe).data.split](collection).train


def _peer(name: str) -> Peer:
    if name not in PEERS:
        raise InkdigitsError(f"No peer is called {name!r}; {nearest(name, PEERS)}")
    return PEERS[name]


def _installed(peer: Peer) -> bool:
    return not peer.needs or find_spec(peer.needs) is not None
