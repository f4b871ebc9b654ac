"""Everything that is measured of the reader, one after the other, into one document.

    python -m benchmarks reader --data FOLDER --out docs/reader.md

FOLDER holds MNIST, ``handwriting/`` and ``handwriting2/``. Takes about a quarter of an hour on two
cores; general OCR reads fewer pictures than we do, since it takes longer.
With --rapidocr, a Python that has RapidOCR, that is measured beside Tesseract: see `ocr.py`.
"""

import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.options import argument_parser
from benchmarks.results import CHECKOUT
from inkdigits.files import write_text
from inkdigits.models.bundle import CARD, MODELS, SHIPPED

RAPIDOCR = ("--rapidocr", "{rapidocr}")  # left out where no Python is named
SECTIONS = (
    (
        "Real handwriting, beside general OCR",
        "Pictures that people drew in programs, photographed and scanned. None of them was trained "
        "on, none has set a temperature, a weight or a confidence, and none is distributed here. "
        "They are sets for development: `handwriting/` was looked at while the reader was written, "
        "and `handwriting2/` is measured again and again, so other people's pictures may be read "
        "worse. `turned` are strings of both, turned by 90, 180 and 270 degrees, `slanted` the "
        "same by 25 and 40 to either side; `turned documents` are cheques, numbers and forms, "
        "turned like `turned`. `exact`: all digits of a picture are right, marks and "
        "spaces apart, with its 95% interval (Wilson); of `none` and `crohme_signs`, which hold no "
        "digit, none was read. `silent`: not exact, and no `?` says so. `rejected`: not exact, and "
        "one does. `with marks`: of the pictures with marks, all that is written is right, line by "
        "line; cheques are labelled by their digits alone. `kept at 95%`: the largest part that a "
        "threshold of confidence keeps so that 95% of it is exact; the threshold is chosen on the "
        "same pictures, so this flatters. `sure` and `right` do not: of all lines that are written "
        "(of pictures, where none is) so many were read with a confidence of 0.95 or more, and so "
        "many of these are right, with their marks where these are labelled. `ms`: the median. "
        "General OCR is restricted to digits and marks, where it can be; it reads "
        "sixteen pictures of each set, evenly chosen, so mind its intervals.",
        ["handwriting", "--data", "{data}", "--beside", "16", *RAPIDOCR],
    ),
    (
        "Documents whose truth is known",
        "Synthetic pens on sheets of A4 as a scanner sees them, twelve lines of ten digits, so "
        "many millimetres high; a 7 of 25 mm above numbers of 3 mm; numbers with a mark; printed "
        "tables; combs. `exact`: right, and so is every mark. `rejected`: not right, and a `?` "
        "says so; `wrong`, `silent`: nothing says so; `lost`: nothing was read in its place. "
        "`with ?`: the digits are right, and a `?` is where the mark is; `gone`: the line came out "
        "as digits alone, as if there were no mark. `merged`: cells that were read as one number "
        "with a neighbour; `in place`: right, and in the row and column where they stand. `sure` "
        "and `right`: as above.",
        ["documents"],
    ),
    (
        "Pages whose truth is known",
        "Digits of MNIST's validation part and of synthetic pens, composed into pages with one "
        "difficulty alone or several at once; pages without any digit; single digits under the "
        "same difficulties; and digits that touch the frame of a tiny picture. `alone` counts the "
        "pages where a difficulty came by itself.",
        ["stress", "--data", "{data}", "--count", "600"],
    ),
    (
        "Another collection",
        "scikit-learn's digits, read as single digits. The recogniser saw none of them.",
        ["other-digits"],
    ),
    (
        "What the costliest pictures cost",
        "Valid pictures that are hard work, each read in a process of its own, on one thread. `s` "
        "is time of the processor; `MB` the most that the process ever held, with Python and the "
        "recogniser in it.",
        ["costs"],
    ),
    (
        "Time",
        "Medians on the machine named above, nothing else running.",
        ["speed"],
    ),
)


def main(arguments: Sequence[str]) -> None:
    """Measure everything and write the document."""
    parser = argument_parser("reader", __doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="holds MNIST, handwriting/ and handwriting2/"
    )
    parser.add_argument("--rapidocr", help="a Python that has RapidOCR")
    parser.add_argument("--out", type=Path, default=Path("docs/reader.md"))
    parser.add_argument(
        "--sections", type=int, nargs="*", help="which, from 1; by default all of them"
    )
    options = parser.parse_args(arguments)
    packages = ("inkdigits", "onnxruntime", "opencv-python-headless", "pillow", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    card = (MODELS / SHIPPED / CARD).relative_to(CHECKOUT)
    parts = [
        "# The reader, in figures\n",
        f"Written by `python -m benchmarks reader --data FOLDER{_sections(options.sections)}`. "
        f"{time.strftime('%Y-%m-%d')}; {versions}; Python {platform.python_version()}.\n",
        "MNIST's test digits, read from their 28×28 pictures, and the recogniser's calibration "
        f"stand on [its card](../{card}), and what the other two models score on "
        "[theirs](models.md#the-shipped-models); what other designs of rejection do, in "
        "[the log](log.md). [How the reader works](reading.md).\n",
    ]
    for number, (title, about, command) in enumerate(SECTIONS, 1):
        if options.sections and number not in options.sections:
            continue
        print(f"{title} ...", flush=True)
        given = options.rapidocr is not None
        words = [word for word in command if given or word not in RAPIDOCR]
        shown = " ".join(["python", "-m", "benchmarks", *words])
        shown = shown.format(data="FOLDER", rapidocr="PYTHON")
        text = measured([word.format(**vars(options)) for word in words])
        parts.append(f"## {title}\n\n{about}\n\n`{shown}`\n\n```\n{text}\n```\n")
    write_text(options.out, "\n".join(parts))
    print(f"Written: {options.out}")


def _sections(chosen: Sequence[int] | None) -> str:
    return "".join([" --sections", *(f" {number}" for number in chosen)]) if chosen else ""


def measured(words: Sequence[str]) -> str:
    """Run one of the measurements and return what it printed.

    That a bound is broken is a figure like any other here; that nothing was measured is not.
    """
    command = [sys.executable, "-m", "benchmarks", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout or "Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr}")
    return done.stdout.strip("\n")
