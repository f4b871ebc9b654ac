"""Frame: from a crop of ink of any size to the picture that networks know, as tensor algebra.

It is written here, once, and travels inside an exported recogniser, so whoever runs one gets the
same pixels.
"""

import torch
from torch import Tensor, nn

SIDE = 28  # pixels of MNIST's pictures each way; those of other sizes are framed in proportion
BOX = 20.0  # pixels of the longer side of a digit in them
MIDDLE = 14.5  # where MNIST has the centre of mass: pixel 14, whose own middle is half a pixel on
FAINT = 0.15  # ink below this part of the darkest does not widen the box
STRONG = 0.8  # what the ink of a digit weighs on average, if it is not faint
DARK = 0.9  # the darkest pixel of ink that is not faint at all
# A side as long as the box, whose edges may be grey, is up to two pixels less by parts of pixels.
FITTING = (-2.0, 0.5)
# MNIST's centres of mass lie within half a pixel of the middle, or a hair further.
IN_PLACE = 0.6
# Sides and distances from the middle, in pixels, of digits that are drawn about as MNIST's are.
SIMILAR_SIDES, SIMILAR_PLACE = (14.0, 22.0), 2.0
SIMILAR_SHARE = 0.9  # of a data set, for it to be framed as MNIST is


class Frame(nn.Module):
    """Scale ink into a box and put its centre of mass where MNIST's digits have it.

    The box is 20×20 of 28×28 pixels; of other sizes it is 20/28 of the shorter side.

    Both ways of the resampling are small matrices: ``rows @ ink @ columns.T``. Shrinking averages
    over the area of a pixel, so nothing falls between pixels; what grows faint by it (a stroke of
    one pixel on a large canvas) is brought back to the strength of ink.

    Ink that has its size already is moved by whole pixels, and not resampled: then both are
    matrices of zeros and ones. So all of MNIST's digits come out as they are, bit for bit.

    Parameters
    ----------
    size
        Height and width of what comes out, in pixels.
    """

    def __init__(self, size: tuple[int, int] = (SIDE, SIDE)) -> None:
        super().__init__()
        self.size = size

    def forward(self, ink: Tensor) -> Tensor:
        """Ink ``(N, 1, H, W)``, 0 paper to 1 → ``(N, 1, *size)``; paper around it counts not."""
        tall, wide = self.size
        box = BOX * min(self.size) / SIDE
        with torch.autocast(ink.device.type, enabled=False):
            ink = ink.float().squeeze(1)
            down, across = ink.sum(2), ink.sum(1)  # (N, H), (N, W)
            top, height = _extent(ink.amax(2))
            left, width = _extent(ink.amax(1))
            size = torch.maximum(height, width).clamp_min(1.0)
            fits = (size > box + FITTING[0]) & (size < box + FITTING[1])
            step = torch.where(fits, 1.0, size / box)
            upright = _placed(_centre(down, top + height / 2), MIDDLE * tall / SIDE, fits)
            level = _placed(_centre(across, left + width / 2), MIDDLE * wide / SIDE, fits)
            rows = _resampling(upright, step, down, tall)
            columns = _resampling(level, step, across, wide)
            framed = rows @ ink @ columns.transpose(1, 2)
            weight = framed.square().sum((1, 2)) / framed.sum((1, 2)).clamp_min(1e-6)
            gain = (STRONG / weight.clamp_min(1e-3)).clamp_min(1.0)
            gain = torch.where(fits & (ink.amax((1, 2)) > DARK), 1.0, gain)
            return (framed * gain[:, None, None]).clamp(0.0, 1.0).unsqueeze(1)


@torch.inference_mode()
def is_framed_alike(ink: Tensor) -> bool:
    """Whether pictures ``(N, 1, H, W)``, 0 paper to 1 ink, are framed about as MNIST's digits are.

    They are if, in proportion to the pictures, what is drawn in nine of ten has about the same
    size and place: framing does little to them. Those of Fashion-MNIST, which fill their
    pictures, are not.
    """
    if not len(ink):
        return False
    ink, scale = ink.float().squeeze(1), min(ink.shape[2:]) / SIDE
    alike = torch.ones(len(ink), dtype=torch.bool, device=ink.device)
    sides = []
    for profile, mass in ((ink.amax(2), ink.sum(2)), (ink.amax(1), ink.sum(1))):
        begins, side = _extent(profile)
        middle = MIDDLE * profile.shape[1] / SIDE
        apart = (_centre(mass, begins + side / 2) - middle).abs()
        alike &= apart <= SIMILAR_PLACE * scale
        sides.append(side / scale)
    longer = torch.maximum(*sides)
    alike &= (longer >= SIMILAR_SIDES[0]) & (longer <= SIMILAR_SIDES[1])
    return float(alike.float().mean()) >= SIMILAR_SHARE


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


def _placed(centre: Tensor, middle: float, fits: Tensor) -> Tensor:
    """Return centres that are whole pixels from the middle, of what `fits`; others as they are."""
    apart = centre - middle
    whole = torch.where(apart.abs() <= IN_PLACE, 0.0, apart.round())
    return torch.where(fits, middle + whole, centre)


def _resampling(centre: Tensor, step: Tensor, like: Tensor, side: int) -> Tensor:
    """Return matrices ``(N, side, L)``: `centre` comes to the middle.

    `step` is how many pixels of ink go to one of the frame.
    """
    reach = step.clamp_min(1.0)
    middle = MIDDLE * side / SIDE
    frame = torch.arange(side, device=like.device, dtype=like.dtype) + 0.5 - middle
    source = torch.arange(like.shape[1], device=like.device, dtype=like.dtype) + 0.5
    wanted = centre[:, None] + frame * step[:, None]  # (N, side)
    apart = (wanted[:, :, None] - source).abs() / reach[:, None, None]
    return (1.0 - apart).clamp_min(0.0) / reach[:, None, None]
