"""Graph: a trained network with all that belongs before and behind it.

It is what `inkdigits export` writes, and what an evaluation reads the test samples with.
"""

import torch
from torch import Tensor, nn

from ..alphabet import DIGITS, Alphabet
from .build import Network
from .frame import SIDE, Frame
from .settings import SIZE


class Shown(nn.Module):
    """Brings what a network saw to the size in which it is shown, with its proportions."""

    rows: Tensor
    columns: Tensor

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        for name, side in zip(("rows", "columns"), size, strict=True):
            self.register_buffer(name, _scaled(side, max(size) / SIDE))

    def forward(self, framed: Tensor) -> Tensor:
        """``(N, 1, H, W)`` → ``(N, 1, 28, 28)``."""
        return self.rows @ framed @ self.columns.T


def _scaled(side: int, step: float) -> Tensor:
    """Return a matrix ``(28, side)``: each pixel is the mean of those within `step` of it."""
    places = side / 2 + (torch.arange(SIDE) + 0.5 - SIDE / 2) * step
    apart = (places[:, None] - (torch.arange(side) + 0.5)).abs() / max(step, 1.0)
    weights = (1 - apart).clamp_min(0)
    return weights / weights.sum(1, keepdim=True).clamp_min(1)


class Graph(nn.Module):
    """Framing, network, temperature and rejects, as one module.

    Parameters
    ----------
    network
        Of `build`; its own frame, if it has one, stays in front.
    temperature
        What the logits are divided by.
    alphabet
        Of the network.
    framed
        Whether ink is framed in front of a network that has no frame of its own. Without one the
        graph takes pictures of exactly the size that the network was trained with.
    """

    temperature: Tensor

    def __init__(
        self,
        network: nn.Sequential,
        temperature: float = 1.0,
        alphabet: Alphabet = DIGITS,
        *,
        framed: bool = True,
    ) -> None:
        super().__init__()
        parts = dict(network.named_children())
        size = network.size if isinstance(network, Network) else SIZE
        self.frame = parts.get("frame", Frame(size) if framed else nn.Identity())
        self.show = nn.Identity() if size == SIZE else Shown(size)
        self.has_softmax = "softmax" in parts
        self.network = nn.Sequential(*(part for name, part in parts.items() if name != "frame"))
        self.symbols, self.several = len(alphabet.symbols), alphabet.several_symbols
        self.register_buffer("temperature", torch.tensor(temperature))

    @property
    def is_framed(self) -> bool:
        """Whether it takes ink of any size."""
        return isinstance(self.frame, Frame)

    def logits(self, ink: Tensor) -> Tensor:
        """Ink ``(N, 1, H, W)`` → logits ``(N, C)``, before the temperature."""
        return self._logits(self.frame(ink))

    def _logits(self, pictures: Tensor) -> Tensor:
        outputs: Tensor = self.network(pictures)
        return outputs.clamp_min(1e-30).log() if self.has_softmax else outputs

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Ink ``(N, 1, H, W)`` → what a `Prediction` holds, in its order.

        The probabilities add up to 1: which symbol it is if it is one at all.
        """
        framed = self.frame(ink)
        logits = self._logits(framed) / self.temperature
        shares = logits.softmax(1)
        no_symbol = shares[:, self.symbols :].sum(1)  # 0 where the network has no such output
        several = no_symbol * 0 if self.several is None else shares[:, self.several]
        return (
            logits[:, : self.symbols].softmax(1),
            no_symbol,
            several,
            self.show(framed).squeeze(1),
        )
