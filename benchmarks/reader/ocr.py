"""General OCR, restricted to digits as well as it can be, on the same pictures.

Tesseract is a program on the path. RapidOCR (PP-OCR's networks on ONNX Runtime) clashes with our
packages, so it lives in an environment of its own, whose Python is named:

    python3 -m venv rapidocr && rapidocr/bin/pip install rapidocr-onnxruntime
    python -m benchmarks handwriting --rapidocr rapidocr/bin/python
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.reader.datasets import Sample

SIDE_BY_SIDE = 2
TIMEOUT = 60  # seconds a picture
DIGITS = "0123456789"
ALPHABET = DIGITS + ".,-/:%"
RAPIDOCR = """
import json, sys, time
try:
    from rapidocr_onnxruntime import RapidOCR
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    def lines(path, single):
        found, _ = engine(path, use_det=not single)
        if single:
            return [str(one[0]) for one in found or []]
        return [box[1] for box in sorted(found or [], key=lambda box: box[0][0][1])]
except ImportError:
    from rapidocr import RapidOCR
    engine = RapidOCR()
    def lines(path, single):
        found = engine(path, use_det=not single)
        texts = list(found.txts or [])
        boxes = getattr(found, "boxes", None)
        if single or boxes is None:
            return texts
        return [text for _, text in sorted(zip((b[0][1] for b in boxes), texts))]
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    path, single = json.loads(line)
    begin = time.perf_counter()
    try:
        text = "\\n".join(lines(path, single))
    except Exception as error:
        text = ""
        print(f"{path}: {error}", file=sys.stderr)
    print(json.dumps([text, time.perf_counter() - begin]), flush=True)
"""

Answer = tuple[str, float]  # a text, and the seconds that it took
ReadAll = Callable[[Sequence[Sample]], list[Answer]]


@dataclass(frozen=True)
class OcrSystem:
    """A system beside ours, or why there is none.

    Attributes
    ----------
    name
        Its own.
    read
        Reads samples; None if it is not there.
    note
        Which version it is, or what is missing.
    """

    name: str
    read: ReadAll | None
    note: str


def ocr_systems(rapidocr: str | None) -> list[OcrSystem]:
    """Return all systems, those that are not there with a sentence."""
    return [_tesseract(), _rapidocr(rapidocr)]


def _tesseract() -> OcrSystem:
    program = shutil.which("tesseract")
    if program is None:
        return OcrSystem("Tesseract", None, "Tesseract is not installed; it was left out.")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = (done.stdout or done.stderr).split("\n")[0].strip()

    def one(given: tuple[Path, Sample]) -> Answer:
        path, sample = given
        mode = "10" if _single(sample) else "6"
        words = [program, str(path), "-", "--psm", mode]
        words += ["-c", f"tessedit_char_whitelist={DIGITS if _single(sample) else ALPHABET}"]
        begin = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        return done.stdout, time.perf_counter() - begin

    def read(samples: Sequence[Sample]) -> list[Answer]:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(one, zip(_files(samples, Path(folder)), samples, strict=False)))

    return OcrSystem("Tesseract", read, version)


def _rapidocr(python: str | None) -> OcrSystem:
    name = "RapidOCR"
    if python is None:
        return OcrSystem(name, None, "RapidOCR was left out: no Python that has it was named.")
    asked = (
        "from importlib.metadata import version as v, distributions as d;"
        "n = [x.name for x in d() if x.name.startswith('rapidocr')][0]; print(n, v(n))"
    )
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    if done.returncode:
        return OcrSystem(name, None, "RapidOCR was left out: the Python that was named lacks it.")

    def share(samples: Sequence[tuple[Path, Sample]]) -> list[Answer]:
        words = [python, "-c", RAPIDOCR]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        ) as child:  # fmt: skip
            assert child.stdin is not None  # noqa: S101
            assert child.stdout is not None  # noqa: S101
            # Some print what they load; a line of JSON is the first of ours.
            while (line := child.stdout.readline()) and line.strip() != '"ready"':
                pass
            answers = []
            for path, sample in samples:
                child.stdin.write(json.dumps([str(path), _single(sample)]) + "\n")
                child.stdin.flush()
                text, seconds = json.loads(child.stdout.readline())
                answers.append((text, seconds))
            child.stdin.close()
        return answers

    def read(samples: Sequence[Sample]) -> list[Answer]:
        answers: list[Answer] = [("", 0.0)] * len(samples)
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            pairs = list(zip(_files(samples, Path(folder)), samples, strict=True))
            parts = [pairs[part::SIDE_BY_SIDE] for part in range(SIDE_BY_SIDE)]
            for part, found in enumerate(pool.map(share, parts)):
                answers[part::SIDE_BY_SIDE] = found
        return answers

    return OcrSystem(name, read, done.stdout.strip())


def _single(sample: Sample) -> bool:
    return sample.how in ("digit", "sign")


def _files(samples: Sequence[Sample], folder: Path) -> Iterator[Path]:
    """Yield a file for each sample: its own, or one that is written for it."""
    for number, sample in enumerate(samples):
        if isinstance(sample.source, Path):
            yield sample.source
        else:
            path = folder / f"{number}.png"
            Image.fromarray(sample.source).save(path)
            yield path
