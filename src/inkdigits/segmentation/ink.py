"""Ink: what of a picture is ink and what is paper, as one soft map, 0 for paper to 1 for ink.

Ink is what departs from the paper around it: sharply, in one direction of colour, by about the same
contrast everywhere. Shadows are soft, paper lines are faint or long and straight, noise is small.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ..io.picture import Pixels

Map = npt.NDArray[np.float32]
Peaks = tuple[int, float, int, float]  # two brightnesses, each followed by its share

SMALL = 240  # pixels of the longer side at which paper is judged
SAMPLED = 130  # pixels of a side that tell what brightnesses there are
FLAT = 0.5  # of the pixels alike: this paper has one brightness, as drawings have
BOTH = 0.7  # of the pixels of two brightnesses: as much of a drawing, in thick strokes
COMMON, RARE = 0.15, 0.02  # of the pixels: what may be paper, and what is not worth asking
APART = 12  # levels that two brightnesses differ by
ALIKE = 2  # levels of 255
REACHES = (0.06, 0.1, 0.16, 0.25, 0.4, 0.6)  # of the longer side: windows wider than a stroke
DARKEST = 0.4  # of the light paper's brightness: what is darker is no paper to write on
FAINT, GREY = 0.08, 0.1  # of the strength of ink, and of its pixels: faint lines are as much
GRAINY = 0.02  # noise that is worth smoothing
MOST_BEHIND = 4.0  # deviations by which the middle of noise may lie below the paper
STEEP = 0.5  # of the strength of ink: how much an edge of a stroke changes within a few pixels
TINY = 40  # pixels of the longer side: no room for shadows, and grey is what a pixel holds of ink
SURE, DOUBT = 1.5, 0.6  # skewness that settles which is ink, and below which either may be
LEAST = 0.03  # contrast, as a part of the paper's brightness, that may be ink


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture.

    Attributes
    ----------
    map
        ``(H, W)`` float32: 0 paper, 1 ink.
    dark
        Whether the ink is darker than the paper.
    faint
        ``(H, W)``: 1 where the picture is darker than paper is by chance, writing or not, such as
        printed rules in grey; None where nothing is that is not ink.
    even
        Whether paper and ink are of one brightness each, as in drawings.
    doubtful
        Whether it may as well be the other way round: the ink covers as much as the paper does.
    """

    map: Map
    dark: bool
    doubtful: bool
    faint: npt.NDArray[np.uint8] | None = None
    even: bool = False


def find_ink(pixels: Pixels, dark: bool | None = None) -> Ink:
    """Return the ink in `pixels` ``(H, W)`` or ``(H, W, 3)``.

    Parameters
    ----------
    pixels
        uint8.
    dark
        Whether ink is darker than paper; by default that is judged, too.
    """
    grey = brightness(pixels)
    peaks = _peaks(grey)
    doubtful = False
    if dark is None:
        dark, doubtful = _polarity(grey, peaks)
    if not dark:
        grey = np.asarray(255 - grey, np.uint8)
        peaks = _peaks(grey)
    departure, flat = _departure(grey, peaks)
    soft, faint = _soft(departure, flat)
    return Ink(soft, dark, doubtful, faint, flat)


def brightness(pixels: Pixels) -> Pixels:
    """Return grey ``(H, W)``: colours projected on the way in which ink departs from paper."""
    if pixels.ndim == 2:
        return pixels
    red, green, blue = cv2.split(pixels)
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.asarray(red, np.uint8)  # grey that was kept as colour: any weights give the same
    small = _small(pixels).reshape(-1, 3).astype(np.float32)
    paper = np.median(small, axis=0)
    away = small - paper
    far = np.abs(away).sum(1)
    ink = away[far >= np.quantile(far, 0.97)].mean(0)
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    if np.abs(ink).sum() <= 30:
        return np.asarray(cv2.transform(pixels, weights.reshape(1, 3)), np.uint8)
    # A channel counts as much as the ink shows in it.
    weights = 0.3 * weights + 0.7 * np.abs(ink) / np.abs(ink).sum()
    offset = 0.0
    if abs(float(weights @ ink)) < 0.5 * float(weights @ np.abs(ink)):
        # Red on green: what one channel gains another loses, and only their difference shows it.
        weights = weights * np.sign(ink)
        offset = 128 - float(weights @ paper)
    return np.asarray(cv2.transform(pixels, np.append(weights, offset).reshape(1, 4)), np.uint8)


def _small(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _polarity(grey: Pixels, peaks: Peaks | None) -> tuple[bool, bool]:
    """Return whether ink is dark, and whether that is doubtful.

    Where paper is even, it is the larger part and runs along the border; where it is not, what
    departs from its surroundings strongly and rarely is the ink.
    """
    small = _small(grey)
    # Strokes may be fine beside a large shadow, or broad: what is clearer counts.
    coarse = small[::2, ::2] if max(small.shape) > SAMPLED else small
    vote = max((_lopsided(coarse, 0.04), _lopsided(coarse, 0.12)), key=abs)
    if peaks is None or abs(vote) >= SURE:
        return vote >= 0, abs(vote) < DOUBT
    most, share, other, second = peaks
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]).astype(int)
    along = float((np.abs(border - most) < np.abs(border - other)).mean())
    vote = (along - 0.5) + (share - second) / (share + second) / 2
    most_is_paper = vote >= 0
    return (most > other) == most_is_paper, abs(vote) < 0.3


def _peaks(grey: Pixels) -> Peaks | None:
    """Return the two commonest brightnesses and their shares, if they make up the picture.

    The second may be rare: ink on even paper has few pixels, and soft ones no common brightness.
    """
    step = max(1, max(grey.shape) // SAMPLED)  # every so many pixels tell as much
    sample = grey[::step, ::step]
    counts = np.bincount(sample.ravel(), minlength=256)
    near = np.convolve(counts, np.ones(2 * ALIKE + 1), "same") / sample.size
    most = int(near.argmax())
    share = float(near[most])
    apart = np.abs(np.arange(256) - most) > APART
    other = int(np.where(apart, near, -1).argmax())
    second = float(near[other]) if apart[other] else 0.0
    if second < RARE and apart.any():
        rest = counts * apart
        other = int(np.average(np.arange(256), weights=rest)) if rest.any() else 255 - most
    return (most, share, other, second) if share >= FLAT or share + second >= BOTH else None


def _lopsided(small: Pixels, reach: float) -> float:
    """Return how much rarer and stronger darker departures from the surroundings are, 0 if equal.

    It is the skewness of the picture without its shadows, turned round.
    """
    side = int(max(3, 2 * reach * max(small.shape))) | 1
    around = cv2.blur(cv2.blur(small.astype(np.float32), (side, side)), (side, side))
    apart = small - around
    apart -= float(np.median(apart))
    squares = apart * apart
    spread = float(np.sqrt(squares.mean()))
    return -float((squares * apart).mean()) / max(spread, 1e-3) ** 3


def _top(values: npt.NDArray[np.generic]) -> float:
    """Return the mean of the greatest half per cent."""
    flat = values.ravel()
    most = max(1, flat.size // 200)
    return float(np.partition(flat, -most)[-most:].mean())


def _departure(grey: Pixels, peaks: Peaks | None) -> tuple[Map, bool]:
    """Return how much darker than its paper each pixel is, 0 to 1; and whether paper is even."""
    if max(grey.shape) <= TINY or (peaks is not None and _only(peaks, grey)):
        return _below(grey, _level(grey, peaks)), True
    paper = _paper(_small(grey))
    most = float(np.quantile(paper, 0.95))
    # In the dark (a table, a deep shadow) noise is a large part of next to nothing.
    light = np.maximum(paper, DARKEST * most)
    wide = cv2.resize(np.stack([paper, light], -1), grey.shape[::-1])
    return np.asarray((wide[..., 0] - grey) / np.maximum(wide[..., 1], 1), np.float32), False


def _only(peaks: Peaks, grey: Pixels) -> bool:
    """Whether there is paper and ink and no more: in a hard shadow ink is a third thing."""
    return float((grey < min(peaks[0], peaks[2]) - APART).mean()) < RARE / 4


def _below(grey: Pixels, level: float) -> Map:
    return np.asarray(((level - grey.astype(np.float32)) / max(level, 1.0)).clip(0, 1), np.float32)


def _level(grey: Pixels, peaks: Peaks | None) -> float:
    """Return the brightness of even paper, where ink is dark."""
    if peaks is None:
        return float(np.quantile(grey, 0.9))
    most, _, other, second = peaks
    nothing_darker = float((grey < most - APART).mean()) < RARE
    paper = other if other > most and (second >= COMMON or nothing_darker) else most
    at = grey[np.abs(grey.astype(np.int16) - paper) <= ALIKE]
    return float(at.mean()) if at.size else float(paper)


def _paper(small: Pixels) -> Map:
    """Return the brightness of the paper behind the ink, shadows and all.

    A closing fills strokes that are narrower than its window. The right window is the smallest that
    fills them wholly: the larger, the more of a shadow it would fill as well.
    """
    side = max(small.shape)
    closed, lost = [], []
    for reach in REACHES:
        window = max(3, int(side * reach)) | 1
        # A square window and a running mean cost the same whatever their size.
        paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
        soft = max(3, window // 4) | 1
        paper = cv2.blur(paper.astype(np.float32), (soft, soft))
        closed.append(np.asarray(paper, np.float32))
        lost.append(((paper - small) / np.maximum(paper, 1)).clip(0, 1))
    strength = max(_top(value) for value in lost)
    inked = np.array([(value > 0.6 * strength).sum() for value in lost])
    filled = [
        _top(value) >= 0.85 * strength and inked[number] >= 0.85 * inked[number:].max()
        for number, value in enumerate(lost)
    ]
    return closed[filled.index(True)] if any(filled) else closed[-1]


def _soft(departure: Map, flat: bool) -> tuple[Map, npt.NDArray[np.uint8] | None]:
    """Return the soft map: 0 for paper, its noise and its faint lines, 1 for sure ink."""
    noise: Map | np.float32 = np.float32(0)
    if not flat:
        noise, offset = _noise(departure)
        departure = departure - offset
        if float(np.median(noise)) > GRAINY and min(departure.shape) > 200:
            departure = np.asarray(cv2.GaussianBlur(departure, (0, 0), 0.8), np.float32)
            noise = noise * 0.5
    strong = departure[departure > np.maximum(6 * noise, LEAST if flat else 2 * LEAST)]
    if strong.size < 4:
        return np.zeros_like(departure), None
    strength = float((strong**3).sum() / (strong**2).sum())
    low, high = (0.26, 0.7) if flat else (0.3, 0.65)
    if max(departure.shape) <= TINY:
        low, high = 0.05, 1.0
    lowest = np.maximum(low * strength, 4 * noise)
    highest = np.maximum(high * strength, 8 * noise)
    soft = ((departure - lowest) / (highest - lowest)).clip(0, 1)
    kept = _connected(soft, _steep(departure) > STEEP * strength)
    chance = np.maximum(FAINT * strength, np.maximum(5 * noise, LEAST))
    faint = (departure > chance).astype(np.uint8)
    more = int(np.count_nonzero(faint)) - int(np.count_nonzero(kept))
    return kept, faint if more > GREY * np.count_nonzero(kept) else None


def _noise(departure: Map) -> tuple[Map, Map]:
    """Return the noise of the paper (standard deviation) and where its middle lies, all over.

    Both differ from place to place. A closing takes the brightest of many pixels for the paper, so
    the middle of the noise lies below it, by about as many deviations everywhere.
    """
    height, width = departure.shape
    if width < 8:
        return np.zeros_like(departure), np.zeros_like(departure)
    # What differs between pixels two apart is noise nearly everywhere, in the light as in the dark;
    # the third of the smallest differences is out of reach of the edges of strokes.
    apart = np.abs(departure[:, 2:] - departure[:, :-2])
    tile = max(48, max(height, width) // 10)
    rows, columns = max(1, height // tile), max(1, width // tile)
    levels, quarter = (np.empty((rows, columns), np.float32) for _ in range(2))
    for row, (band, whole) in enumerate(
        zip(np.array_split(apart[::2], rows), np.array_split(departure[::3], rows), strict=True)
    ):
        for column in range(columns):
            part = band[:, column * width // columns : (column + 1) * width // columns : 2]
            levels[row, column] = np.quantile(part, 0.35) if part.size else 0
            part = whole[:, column * width // columns : (column + 1) * width // columns : 3]
            quarter[row, column] = np.quantile(part, 0.25) if part.size else 0
    levels /= 0.454 * np.sqrt(2)
    # A quarter of Gaussian noise lies 0.67 deviations below its middle.
    behind = float(np.median(quarter / np.maximum(levels, 1e-6))) + 0.67
    wide = cv2.resize(levels, (width, height), interpolation=cv2.INTER_LINEAR)
    noise = np.asarray(wide, np.float32)
    return noise, noise * np.float32(np.clip(behind, 0, MOST_BEHIND))


def _steep(departure: Map) -> Map:
    """Return by how much ink changes near each pixel: an edge of a stroke, not of a shadow."""
    side = max(5, max(departure.shape) // 40) | 1
    window = np.ones((side, side), np.uint8)
    return np.asarray(cv2.dilate(departure, window) - cv2.erode(departure, window), np.float32)


def _connected(soft: Map, steep: npt.NDArray[np.bool_]) -> Map:
    """Drop faint ink that no strong ink with a steep edge belongs to."""
    inked = (soft > 0).astype(np.uint8)
    _, parts = cv2.connectedComponents(inked, connectivity=8, ltype=cv2.CV_32S)
    strong = np.zeros(int(parts.max()) + 1, bool)
    strong[parts[(soft > 0.6) & steep]] = True
    if strong[1:].all():
        return soft  # as in most drawings: there is nothing to drop
    strong[0] = False
    return np.where(strong[parts], soft, np.float32(0))
