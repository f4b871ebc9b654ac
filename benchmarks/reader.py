"""Everything that is measured of the reader, one after the other, into one document.

    python benchmarks/reader.py --data FOLDER --out docs/reader.md

FOLDER holds MNIST and ``handwriting/``. Takes about ten minutes on two cores.
"""

import argparse
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from inkdigits.files import write_text
from inkdigits.recognition.recogniser import SHIPPED

HERE = Path(__file__).parent
SECTIONS = (
    (
        "Real handwriting, beside general OCR",
        "Pictures that people drew in programs, photographed, and wrote in strings. None of them "
        "was trained on, and none is distributed here. `exact`: every character of a picture is "
        "right (spaces apart); `refused`: something was left open; `CER`: character error rate; "
        "`ms`: median time. Tesseract was told that there are only digits.",
        ["handwriting.py", "--data", "{data}"],
    ),
    (
        "Pages whose truth is known",
        "Digits of MNIST's validation part and of synthetic pens, composed into pages with one "
        "difficulty alone or several at once; pages without any digit; single digits under the "
        "same difficulties; and digits that touch the frame of a tiny picture. `alone` counts the "
        "pages where a difficulty came by itself.",
        ["stress.py", "--data", "{data}", "--count", "600"],
    ),
    (
        "Another collection",
        "scikit-learn's digits, read as single digits. The recogniser saw none of them.",
        ["other_digits.py"],
    ),
    (
        "Time",
        "Medians on the machine named above, nothing else running.",
        ["speed.py"],
    ),
)


def main() -> None:
    """Measure everything and write the document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MNIST and handwriting/")
    parser.add_argument("--out", type=Path, default=Path("docs/reader.md"))
    options = parser.parse_args()
    packages = ("inkdigits", "onnxruntime", "opencv-python-headless", "pillow", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    parts = [
        "# The reader, in figures\n",
        "Written by `python benchmarks/reader.py --data FOLDER`. "
        f"{time.strftime('%Y-%m-%d')}; {versions}; Python {platform.python_version()}.\n",
        "MNIST's test digits, read from their 28×28 pictures, and the recogniser's calibration "
        f"stand on [its card](../src/inkdigits/reading/recognisers/{SHIPPED.stem}.md); what other "
        "designs of refusal do, in [the log](log.md). [How the reader works](reading.md).\n",
    ]
    for title, about, command in SECTIONS:
        words = [word.format(data=options.data) for word in command]
        print(f"{title} ...", flush=True)
        done = subprocess.run(
            [sys.executable, str(HERE / words[0]), *words[1:]],
            capture_output=True,
            text=True,
            check=True,
        )
        shown = " ".join(["python", f"benchmarks/{command[0]}", *command[1:]])
        shown = shown.format(data="FOLDER")
        parts.append(f"## {title}\n\n{about}\n\n`{shown}`\n\n```\n{done.stdout.strip()}\n```\n")
    write_text(options.out, "\n".join(parts))
    print(f"Written: {options.out}")


if __name__ == "__main__":
    main()
