r"""How to reject what is no digit: designs compared on pictures of kinds that no network was shown.

Every design gives a picture a score; its threshold is set where it rejects 0.3% of MNIST's
validation digits, and the table says what it rejects then.

    inkdigits train reader --name open
    inkdigits train reader --name closed --epochs 12 --set data.name=mnist \
        --set alphabet.rejects='[]'
    python -m benchmarks rejection --open open --closed closed
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmarks.options import argument_parser
from inkdigits.data import load_digits
from inkdigits.data.digits import Digits
from inkdigits.segmentation.components import find_components, joined
from inkdigits.segmentation.ink import find_ink
from inkdigits.training.run import Run

SHARE = 0.003  # of the validation digits that may be rejected
SIDE = 96
LETTERS = "ACEFHKLMNPRTUVWXadefhkmnprtuvwx&@#%+=?"
Rng = np.random.Generator
Picture = npt.NDArray[np.uint8]


def letters(random: Rng) -> Picture:
    """Return a letter in one of the stroke fonts that computer vision draws with."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    face = int(random.choice([0, 2, 3, 4, 6, 7])) + 16 * int(random.random() < 0.3)
    letter = str(random.choice(list(LETTERS)))
    thick = int(random.integers(1, 6))
    cv2.putText(page, letter, (24, 68), face, 2.0, 255, thick, cv2.LINE_AA)
    return page


def words(random: Rng) -> Picture:
    """Return two to four letters, touching."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    text = "".join(random.choice(list(LETTERS), int(random.integers(2, 5))))
    cv2.putText(page, text, (4, 60), 0, 1.1, 255, int(random.integers(1, 4)), cv2.LINE_AA)
    return page


def scribbles(random: Rng) -> Picture:
    """Return a line through eight to twenty points."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    points = random.integers(8, SIDE - 8, (int(random.integers(8, 20)), 1, 2)).astype(np.int32)
    cv2.polylines(page, [points], bool(random.random() < 0.5), 255, int(random.integers(1, 5)))
    return page


def marks(random: Rng) -> Picture:
    """Return a dash, a cross, a tick or a dot."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    thick = int(random.integers(2, 9))
    a, b, c, d = (int(value) for value in random.integers(-6, 7, 4))
    kind = int(random.integers(4))
    if kind == 0:
        cv2.line(page, (20 + a, 48 + b), (76 + c, 48 + d), 255, thick, cv2.LINE_AA)
    elif kind == 1:
        cv2.line(page, (24 + a, 24 + b), (72 + c, 72 + d), 255, thick, cv2.LINE_AA)
        cv2.line(page, (72 + b, 24 + a), (24 + d, 72 + c), 255, thick, cv2.LINE_AA)
    elif kind == 2:
        corners = np.array([[20 + a, 52 + b], [40 + c, 76 + d], [80 + b, 16 + a]], np.int32)
        cv2.polylines(page, [corners], False, 255, thick, cv2.LINE_AA)
    else:
        cv2.circle(page, (48 + a, 48 + b), thick + 4, 255, -1, cv2.LINE_AA)
    return page


def shapes(random: Rng) -> Picture:
    """Return a rectangle, a triangle or a house: closed outlines."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    a, b, c, d = (int(value) for value in random.integers(0, 20, 4))
    kind = int(random.integers(3))
    outlines = (
        [[12 + a, 20 + b], [84 - c, 20 + b], [84 - c, 76 - d], [12 + a, 76 - d]],
        [[48 + a - 10, 14 + b], [82 - c, 80 - d], [14 + a, 80 - d]],
        [[48, 12 + b], [80 - c, 44], [80 - c, 84], [16 + a, 84], [16 + a, 44]],
    )
    points = np.array(outlines[kind], np.int32)
    cv2.polylines(page, [points], True, 255, int(random.integers(1, 5)), cv2.LINE_AA)
    return page


KINDS: dict[str, Callable[[Rng], Picture]] = {
    "letters": letters,
    "words": words,
    "scribbles": scribbles,
    "marks": marks,
    "shapes": shapes,
}


def crops(pages: list[Picture]) -> Tensor:
    """Return the ink of each page as the reader crops it, ``(N, 1, 96, 96)``."""
    found = torch.zeros(len(pages), 1, SIDE, SIDE)
    for number, page in enumerate(pages):
        parts, _ = find_components(find_ink(page, dark=False).map)
        if parts:
            ink = torch.from_numpy(joined(parts).ink)
            found[number, 0, : ink.shape[0], : ink.shape[1]] = ink
    return found


@torch.inference_mode()
def outputs(run: Run, ink: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logits of a run's network, and the features that its last layer takes."""
    network = run.network()
    features: list[Tensor] = []
    last = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)][-1]
    hook = last.register_forward_hook(lambda _, taken, __: features.append(taken[0]))
    logits = torch.cat([network(part) for part in ink.split(500)])
    hook.remove()
    return logits, torch.cat(features)


def distances(run: Run, digits: Digits, features: Tensor) -> Tensor:
    """Return the Mahalanobis distance to the nearest class mean (Lee et al. 2018)."""
    images = torch.from_numpy(digits.images[:10_000]).unsqueeze(1).float() / 255
    known = outputs(run, images)[1]
    labels = torch.from_numpy(digits.labels[:10_000].astype(np.int64))
    means = torch.stack([known[labels == digit].mean(0) for digit in range(10)])
    spread = torch.cov((known - means[labels]).T) + 1e-4 * torch.eye(known.shape[1])
    way = features[:, None] - means
    squares: Tensor = way @ torch.linalg.inv(spread) * way
    return squares.sum(-1).amin(1)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argument_parser("rejection", __doc__)
    parser.add_argument("--open", default="open", help="a run with an eleventh class")
    parser.add_argument("--closed", default="closed", help="a run that knows digits alone")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=500, help="pictures of each kind")
    options = parser.parse_args(arguments)
    digits = load_digits(options.data or "mnist")
    real = torch.from_numpy(digits.validation.images).unsqueeze(1).float() / 255
    random = np.random.default_rng(0)
    kinds = {
        name: crops([draw(random) for _ in range(options.count)]) for name, draw in KINDS.items()
    }
    open_run, closed_run = (Run.open(name, options.runs) for name in (options.open, options.closed))

    def scores(ink: Tensor) -> dict[str, Tensor]:
        """Return what each design says: the higher, the less of a digit."""
        closed, features = outputs(closed_run, ink)
        shares = outputs(open_run, ink)[0].softmax(1)
        return {
            "closed: largest probability": -closed.softmax(1).amax(1),
            "closed: energy": -closed.logsumexp(1),
            "closed: distance": distances(closed_run, digits.train, features),
            "open: classes of their own": shares[:, 10:].sum(1),
            "open: largest of the ten": -shares[:, :10].amax(1),
        }

    bound = {name: float(torch.quantile(score, 1 - SHARE)) for name, score in scores(real).items()}
    table = {kind: scores(ink) for kind, ink in kinds.items()}
    print(f"{'rejected, n = ' + str(options.count) + ' each':32s}", *[f"{k:>10s}" for k in kinds])
    for name, least in bound.items():
        rejected = [float((table[kind][name] > least).float().mean()) for kind in kinds]
        print(f"{name:32s}", *[f"{share:10.1%}" for share in rejected])
