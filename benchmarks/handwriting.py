"""The reader, and general OCR beside it, on real handwriting: drawn, photographed, in strings.

    python benchmarks/handwriting.py --data FOLDER  # with handwriting/drawn, ...
    python benchmarks/handwriting.py --data FOLDER --misread wrong/

Tesseract and RapidOCR are measured, too, where they are installed.
"""

import argparse
import csv
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from inkdigits.reading.annotate import annotated
from PIL import Image, ImageDraw, ImageFont

from inkdigits.io.picture import open_picture
from inkdigits.reading import Reader
from inkdigits.segmentation.ink import find_ink

FOLDERS = {"drawn": True, "photo": True, "strings": False}  # and whether each holds one digit
# It lies on its side and says so nowhere; nobody promised to turn pictures, so it does not count.
TURNED = ("shrsai123__handwritten_digits.jpeg",)
CELL = 260

ReadOne = Callable[[Path, bool], tuple[str, float]]


@dataclass(frozen=True)
class Picture:
    """One labelled picture."""

    path: Path
    truth: str
    single: bool

    @property
    def source(self) -> str:
        """Whose it is."""
        return self.path.name.split("__")[0] if "__" in self.path.name else "other"


@dataclass(frozen=True)
class Answer:
    """What a system said of a picture, and how long it took."""

    picture: Picture
    text: str
    confidence: float
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether every character is right; spaces do not count."""
        return _plain(self.text) == _plain(self.picture.truth)

    @property
    def errors(self) -> int:
        """Characters to change, add or take away (Levenshtein)."""
        return distance("".join(_plain(self.text)), "".join(_plain(self.picture.truth)))

    @property
    def refused(self) -> bool:
        """Whether something was left open, or everything."""
        return "?" in self.text or not self.text.strip()


def _plain(text: str) -> list[str]:
    return [line.replace(" ", "") for line in text.splitlines() if line.strip()]


def distance(one: str, other: str) -> int:
    """Return the least number of edits from `one` to `other`."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def pictures(folder: Path) -> list[Picture]:
    """Return all labelled pictures under `folder`."""
    found = []
    for name, single in FOLDERS.items():
        with (folder / name / "labels.csv").open(newline="", encoding="utf-8") as file:
            found += [
                Picture(folder / name / row["file"], row["label"], single)
                for row in csv.DictReader(file)
            ]
    return found


def ours(recogniser: str | None) -> ReadOne:
    """Return our reader."""
    reader = Reader(recogniser)

    def read(path: Path, single: bool) -> tuple[str, float]:
        if single:
            digit = reader.read_digit(path)
            return digit.text, digit.confidence
        reading = reader.read(path)
        return reading.text, reading.confidence

    return read


def tesseract() -> ReadOne | None:
    """Return Tesseract, told that there are only digits, or None where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return None

    def read(path: Path, single: bool) -> tuple[str, float]:
        mode = ["--psm", "10" if single else "6", "-c", "tessedit_char_whitelist=0123456789"]
        done = subprocess.run(
            [program, str(path), "-", *mode],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout, 0.0

    return read


def rapidocr() -> ReadOne | None:
    """Return RapidOCR, its lines from top to bottom, or None where it is not installed."""
    try:
        from rapidocr_onnxruntime import RapidOCR  # type: ignore[import-not-found]
    except ImportError:
        return None
    engine = RapidOCR()

    def read(path: Path, single: bool) -> tuple[str, float]:
        found, _ = engine(str(path), use_det=not single)
        if single:
            return (found or [[""]])[0][0], 0.0
        boxes = sorted(found or [], key=lambda box: box[0][0][1])
        return "\n".join(box[1] for box in boxes), 0.0

    return read


def measure(read: ReadOne, found: Iterable[Picture]) -> list[Answer]:
    """Read every picture and time it."""
    answers = []
    for picture in found:
        begin = time.perf_counter()
        text, confidence = read(picture.path, picture.single)
        answers.append(Answer(picture, text, confidence, time.perf_counter() - begin))
    return answers


def row(name: str, answers: list[Answer]) -> str:
    """Return a line of the table."""
    characters = sum(len("".join(_plain(answer.picture.truth))) for answer in answers)
    wrong = sum(not answer.exact and not answer.refused for answer in answers)
    return (
        f"{name:36s} {len(answers):4d} {sum(a.exact for a in answers) / len(answers):8.1%}"
        f" {sum(answer.refused for answer in answers):8d} {wrong:6d}"
        f" {sum(answer.errors for answer in answers) / characters:8.1%}"
        f" {1000 * float(np.median([answer.seconds for answer in answers])):8.1f}"
    )


def table(system: str, answers: list[Answer]) -> None:
    """Print how a system did, per folder and source."""
    print(
        f"\n{system:36s} {'n':>4s} {'exact':>8s} {'refused':>8s} {'wrong':>6s}"
        f" {'CER':>8s} {'ms':>8s}"
    )
    for folder in FOLDERS:
        of = [a for a in answers if a.picture.path.parent.name == folder]
        upright = [a for a in of if a.picture.path.name not in TURNED]
        print(row(folder, upright))
        sources = sorted({a.picture.source for a in upright})
        for source in sources if system == "inkdigits" else []:
            print(row(f"  {source}", [a for a in upright if a.picture.source == source]))
    sure = [a for a in answers if a.picture.single and a.confidence >= 0.9 and not a.refused]
    if sure:
        right = sum(a.exact for a in sure)
        print(f"single digits read with confidence 0.9 or more: {right} of {len(sure)} right")


def sheet(reader: Reader, answer: Answer) -> Image.Image:
    """Return picture, ink, boxes and what the network saw, side by side, with the answer."""
    picture = open_picture(answer.picture.path)
    reading = reader.read(answer.picture.path)
    seen = [digit.seen for digit in reading.digits] or [np.zeros((28, 28), np.uint8)]
    ink = 255 - 255 * find_ink(picture.pixels).map
    panels = [
        Image.fromarray(picture.pixels).convert("RGB"),
        Image.fromarray(ink.astype(np.uint8)).convert("RGB"),
        annotated(answer.picture.path, reading),
        Image.fromarray(np.concatenate(seen[:12], 1)).convert("RGB"),
    ]
    page = Image.new("RGB", (CELL * len(panels), CELL + 24), "white")
    for number, panel in enumerate(panels):
        scale = (CELL - 8) / max(panel.size)
        size = max(1, round(panel.width * scale)), max(1, round(panel.height * scale))
        page.paste(panel.resize(size), (number * CELL + 4, 4))
    said = f"{answer.picture.path.name}: {answer.text!r}, truth {answer.picture.truth!r}"
    font = ImageFont.load_default(size=14)
    ImageDraw.Draw(page).text((6, CELL), said, fill="black", font=font)
    return page


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("INKDIGITS_DATA", ".")))
    parser.add_argument("--recogniser", help="an .onnx file or a run; by default the shipped one")
    parser.add_argument("--misread", type=Path, help="folder for a sheet of what went wrong")
    parser.add_argument("--alone", action="store_true", help="leave general OCR out")
    options = parser.parse_args()
    found = pictures(options.data / "handwriting")
    answers = measure(ours(options.recogniser), found)
    table("inkdigits", answers)
    if not options.alone:
        for name, system in (("Tesseract", tesseract()), ("RapidOCR", rapidocr())):
            if system is not None:
                table(name, measure(system, found))
    if options.misread is not None:
        reader = Reader(options.recogniser)
        options.misread.mkdir(parents=True, exist_ok=True)
        for answer in answers:
            if not answer.exact:
                sheet(reader, answer).save(options.misread / f"{answer.picture.path.stem}.png")


if __name__ == "__main__":
    main()
