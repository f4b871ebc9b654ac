"""Pictures of a few strokes, and where they are saved."""

from pathlib import Path

from PIL import Image

from tests.reading.strokes import Grey, cross, one, zero


def row(page: Grey, text: str, y: int = 30, step: int = 45) -> Grey:
    """Draw `text` of 0, 1, x and blanks on `page`."""
    draw = {"0": zero, "1": one, "x": cross}
    for place, sign in enumerate(text):
        if sign != " ":
            draw[sign](page, 20 + place * step, y)
    return page


def save(path: Path, page: Grey) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(page).save(path)
    return path
