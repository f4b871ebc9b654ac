"""Stand-ins of lines: every symbol is a column of bars and gaps, which is learned in seconds."""

import numpy as np

from inkdigits.alphabet import LINE_SYMBOLS


def batch(size, random, _people):
    texts = [
        "".join(random.choice([*LINE_SYMBOLS.symbols, "?"], random.integers(1, 6)))
        for _ in range(size)
    ]
    width = 16 * int(random.integers(6, 9))
    pictures = np.full((size, 1, 40, width), 220, np.uint8)
    for picture, text in zip(pictures, texts, strict=True):
        for place, symbol in enumerate(text):
            number = 1 + (*LINE_SYMBOLS.symbols, "?").index(symbol)
            for bit in range(5):
                if number >> bit & 1:
                    picture[0, 8 * bit : 8 * bit + 6, 4 + 16 * place : 14 + 16 * place] = 40
    return pictures, texts
