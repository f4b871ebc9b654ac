"""Stand-ins of pages: each class has a colour, and stands in boxes."""

import numpy as np

COLOURS = np.array([[240, 240, 240], [40, 40, 200], [200, 40, 40], [30, 30, 30]], np.uint8)


def batch(size, random, _people):
    classes = np.zeros((size, 64, 64), np.uint8)
    for page in classes:
        for kind in (1, 2, 3):
            top, left = random.integers(0, 48, 2)
            page[top : top + 12, left : left + 12] = kind
    noise = random.integers(-20, 15, (size, 3, 64, 64))
    return (COLOURS[classes].transpose(0, 3, 1, 2) + noise).clip(0, 255).astype(np.uint8), classes
