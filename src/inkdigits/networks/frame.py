"""Frame: from a crop of ink of any size to the 28×28 picture that networks know, as tensor algebra.

It is written here, once, and travels inside an exported recogniser, so whoever runs one gets the
same pixels.
"""

import torch
from torch import Tensor, nn

SIZE = 28  # pixels a side
BOX = 20.0  # pixels of the longer side of a digit
MIDDLE = 14.5  # where MNIST has the centre of mass: pixel 14, whose own middle is half a pixel on
FAINT = 0.15  # ink below this part of the darkest does not widen the box
STRONG = 0.8  # what the ink of a digit weighs on average, if it is not faint


class Frame(nn.Module):
    """Scale ink into a 20×20 box and put its centre of mass where MNIST's digits have it.

    Both ways of the resampling are small matrices: ``rows @ ink @ columns.T``. Shrinking averages
    over the area of a pixel, so nothing falls between pixels; what grows faint by it (a stroke of
    one pixel on a large canvas) is brought back to the strength of ink.
    """

    def forward(self, ink: Tensor) -> Tensor:
        """Ink ``(N, 1, H, W)``, 0 paper to 1 → ``(N, 1, 28, 28)``; paper around it counts not."""
        with torch.autocast(ink.device.type, enabled=False):
            ink = ink.float().squeeze(1)
            down, across = ink.sum(2), ink.sum(1)  # (N, H), (N, W)
            top, height = _extent(ink.amax(2))
            left, width = _extent(ink.amax(1))
            size = torch.maximum(height, width).clamp_min(1.0)
            rows = _resampling(_centre(down, top + height / 2), size, down)
            columns = _resampling(_centre(across, left + width / 2), size, across)
            framed = rows @ ink @ columns.transpose(1, 2)
            weight = framed.square().sum((1, 2)) / framed.sum((1, 2)).clamp_min(1e-6)
            gain = (STRONG / weight.clamp_min(1e-3)).clamp_min(1.0)
            return (framed * gain[:, None, None]).clamp(0.0, 1.0).unsqueeze(1)


def _extent(profile: Tensor) -> tuple[Tensor, Tensor]:
    """Return where ink begins along ``(N, L)`` and how far it goes, to parts of a pixel."""
    at = torch.arange(profile.shape[1], device=profile.device, dtype=profile.dtype)
    part = profile / profile.amax(1, keepdim=True).clamp_min(1e-6)
    inked = part > FAINT
    # A pixel that is half ink is an edge that runs through its middle.
    begins = torch.where(inked, at + 1 - part, profile.shape[1]).amin(1)
    ends = torch.where(inked, at + part, 0.0).amax(1)
    return begins, (ends - begins).clamp_min(0.0)


def _centre(mass: Tensor, otherwise: Tensor) -> Tensor:
    """Return the centre of mass along ``(N, L)``; `otherwise` where there is none."""
    at = torch.arange(mass.shape[1], device=mass.device, dtype=mass.dtype) + 0.5
    total = mass.sum(1)
    return torch.where(total > 0, (mass * at).sum(1) / total.clamp_min(1e-6), otherwise)


def _resampling(centre: Tensor, size: Tensor, like: Tensor) -> Tensor:
    """Return matrices ``(N, 28, L)``: `centre` comes to the middle, `size` to the box."""
    step = size / BOX  # pixels of ink to one of the frame
    reach = step.clamp_min(1.0)
    frame = torch.arange(SIZE, device=like.device, dtype=like.dtype) + 0.5 - MIDDLE
    source = torch.arange(like.shape[1], device=like.device, dtype=like.dtype) + 0.5
    wanted = centre[:, None] + frame * step[:, None]  # (N, 28)
    apart = (wanted[:, :, None] - source).abs() / reach[:, None, None]
    return (1.0 - apart).clamp_min(0.0) / reach[:, None, None]
