"""Networks: plain modules from pictures in [0, 1] to the logits of an alphabet.

Most take symbols ``(N, 1, H, W)``; `line` and `unet` take lines and pages.

`build` puts the normalisation of the pixels in front, so that whoever holds the network cannot
feed it pixels of another scale, and, for published systems that had one, a softmax behind.
"""

from .build import NETWORKS, Network, Normalise, build, count, parameter_count, place
from .settings import HEADS, READS, NetworkSettings

__all__ = [
    "HEADS",
    "NETWORKS",
    "READS",
    "Network",
    "NetworkSettings",
    "Normalise",
    "build",
    "count",
    "parameter_count",
    "place",
]
