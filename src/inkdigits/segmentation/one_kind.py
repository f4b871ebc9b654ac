"""Ink of one kind: a word is written or printed as a whole, whatever each pixel is taken for."""

import cv2
import numpy as np

from .finder import PageMap
from .rules import connected

SURE = 110  # of 255: a pixel that is so likely ink of one kind is ink of one
PRINTED = 2.0  # so much likelier than written a word must be print: in training it counts twice
SPACE = 0.3  # of the height of the ink: pieces that are nearer than this are one word
LEAST = 6  # pixels: what is lower tells nothing of heights


def of_one_kind(seen: PageMap) -> PageMap:
    """Return what a finder sees, with each piece of ink either handwriting or print, as most is.

    Parameters
    ----------
    seen
        What a network says of every pixel by itself.
    """
    ink = np.asarray(cv2.add(seen.handwriting, seen.other), np.uint8)
    mask = (np.maximum(seen.handwriting, seen.other) > SURE).astype(np.uint8)
    places = np.flatnonzero(mask)
    if not len(places) or not seen.other.any():
        return seen
    _, boxes = connected(mask)
    tall = boxes[1:, cv2.CC_STAT_HEIGHT]
    tall = tall[tall >= LEAST]
    wide = 1 + 2 * round(SPACE * float(np.median(tall)) / 2) if len(tall) else 1
    near = cv2.dilate(mask, np.ones((1, wide), np.uint8))
    words, _ = connected(np.asarray(near, np.uint8))
    word = words.ravel()[places]
    written = np.bincount(word, seen.handwriting.ravel()[places])
    printed = np.bincount(word, seen.other.ravel()[places])
    is_print = (printed > PRINTED * written)[word]
    handwriting, other = seen.handwriting.copy(), seen.other.copy()
    both = ink.ravel()[places]
    handwriting.ravel()[places] = np.where(is_print, 0, both)
    other.ravel()[places] = np.where(is_print, both, 0)
    return PageMap(handwriting, seen.rules, other)
