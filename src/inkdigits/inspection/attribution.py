"""Which pixels mattered: covering them one after the other, and integrated gradients."""

from dataclasses import dataclass

import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import InkdigitsError
from ..networks.frame import Frame
from .trace import as_input, size_of

PATCH = 5  # pixels a side of what covers
BATCH = 128
STEPS, MOST_STEPS = 64, 1024  # of the way from blank paper to the picture
CLOSE = 0.01  # how far the parts may be from their whole: of it, and of one unit of logit


@dataclass(frozen=True, eq=False)
class Occlusion:
    """How much of a class is lost where a patch covers the picture.

    Attributes
    ----------
    fall
        ``(H, W)``: the mean fall of the class's log-odds, over all patches that cover the pixel;
        below 0 where covering makes the class likelier.
    log_odds
        Of the class, uncovered: log of p / (1 − p).
    """

    fall: Tensor
    log_odds: float


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """What each pixel adds to the logit of a class, on the way from blank paper to the picture.

    Attributes
    ----------
    parts
        ``(H, W)``; they add up to `logit` less `blank`, up to `gap`.
    logit, blank
        Of the class: for the picture, and for blank paper.
    gap
        How far the sum of the parts is from what it should be.
    steps
        How many points of the way were looked at.
    """

    parts: Tensor
    logit: float
    blank: float
    gap: float
    steps: int


def occlusion(
    network: nn.Module,
    picture: npt.ArrayLike | Tensor,
    digit: int,
    *,
    patch: int = PATCH,
    cover: float = 0.0,
    temperature: float = 1.0,
) -> Occlusion:
    """Slide a patch over the picture, pixel by pixel, and see how far the class falls.

    Parameters
    ----------
    network
        Pictures ``(N, 1, H, W)`` in [0, 1] → logits, or probabilities if it ends in a softmax.
    picture
        As for `trace`.
    digit
        The class.
    patch
        Pixels a side of the patch; it may stand over the edge, so that all pixels are covered
        equally often.
    cover
        What it is made of: 0 is paper, 1 ink.
    temperature
        What logits are divided by.
    """
    start = as_input(picture, size_of(network))
    height, width = start.shape[2:]
    edge = patch - 1
    padded = functional.pad(start, [edge] * 4)
    # Where the patch covers nothing but its like, nothing can change.
    unlike = functional.pad((start - cover).abs(), [edge] * 4)
    places = functional.max_pool2d(unlike, patch, stride=1)[0, 0].nonzero()
    falls = torch.zeros(height + edge, width + edge)
    with torch.inference_mode():
        before = _log_odds(_logits(network, start), digit, temperature)[0]
        for some in places.split(BATCH):
            covered = padded.repeat(len(some), 1, 1, 1)
            for one, (top, left) in zip(covered, some.tolist(), strict=True):
                one[0, top : top + patch, left : left + patch] = cover
            logits = _logits(network, covered[:, :, edge : edge + height, edge : edge + width])
            falls[some[:, 0], some[:, 1]] = before - _log_odds(logits, digit, temperature)
        fall = functional.avg_pool2d(falls[None, None], patch, stride=1)[0, 0]
    return Occlusion(fall, float(before))


def integrated_gradients(
    network: nn.Module, picture: npt.ArrayLike | Tensor, digit: int
) -> IntegratedGradients:
    """Add up the gradients of the class's logit on the straight way from paper to the picture.

    Sundararajan, Taly and Yan 2017. The way is cut into more and more steps until the parts add up
    to the difference of the logits, as they must, to 1%, or until there are 1,024.

    Parameters
    ----------
    network, picture, digit
        As for `occlusion`.
    """
    start = as_input(picture, size_of(network))
    with torch.inference_mode():
        logit, blank = _logits(network, torch.cat([start, torch.zeros_like(start)]))[:, digit]
    whole = float(logit - blank)
    steps = STEPS
    while True:
        parts = _along(network, start, digit, steps)
        gap = abs(float(parts.sum()) - whole)
        if gap <= CLOSE * max(1.0, abs(whole)) or steps >= MOST_STEPS:
            return IntegratedGradients(parts[0, 0], float(logit), float(blank), gap, steps)
        steps *= 2


def _along(network: nn.Module, start: Tensor, digit: int, steps: int) -> Tensor:
    """Return the parts that `steps` steps give, each judged in its middle."""
    total = torch.zeros_like(start)
    middles = (torch.arange(steps) + 0.5) / steps
    for some in middles.split(BATCH):
        between = (start * some[:, None, None, None]).requires_grad_()
        with torch.enable_grad():
            logit = _logits(network, between)[:, digit].sum()
            if not logit.requires_grad:
                raise InkdigitsError(
                    "This network has no gradient at its input, so gradients cannot show which "
                    "pixels matter: use occlusion instead."
                )
            (slope,) = torch.autograd.grad(logit, between)
        total += slope.sum(0, keepdim=True)
    return start * total / steps


def _logits(network: nn.Module, pictures: Tensor) -> Tensor:
    """Return what stands before a softmax, of pictures that are framed already."""
    for part in network.children():
        if not isinstance(part, Frame | nn.Softmax):
            pictures = part(pictures)
    return pictures


def _log_odds(logits: Tensor, digit: int, temperature: float) -> Tensor:
    """Return log of p / (1 − p) for each row: the logit over those of all other classes."""
    scaled = logits.double() / temperature
    others = torch.cat([scaled[:, :digit], scaled[:, digit + 1 :]], 1)
    return (scaled[:, digit] - others.logsumexp(1)).float()
