"""From a run or a model to one that reads: with an ONNX file that gives calibrated answers.

Framing, network, temperature and the rejects all travel inside its graph, which is the one that an
evaluation is of. It is checked against PyTorch before it is written; then its convolutions may go
over to eight bits (`quantiser`).
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from ..data import Digits
from ..errors import InkdigitsError, RunError, printable
from ..evaluation import metrics
from ..evaluation.calibration import exported_graph
from ..models.bundle import MODELS, ONNX, Bundle
from ..models.contract import OUTPUTS, SYMBOLS, Contract
from ..networks.graph import Graph
from ..recognition.recogniser import Recogniser
from ..training import datasets
from ..training.pretrained import Pretrained
from ..training.run import FOLDER, Run
from .onnx_file import convert, to_onnx
from .quantiser import Floats, quantised

CHECKED = 1000  # samples on which the file and PyTorch must agree
CALIBRATED = 512  # training samples that set the ranges of eight bits
PARTS = 8  # batches in which these go through
TOLERANCE = 2e-4  # of a probability: a faint picture is made much stronger inside a network


@dataclass(frozen=True)
class Written:
    """What `export` wrote, and how far it is from PyTorch."""

    bundle: Bundle  # as it lies in its folder
    size: int  # bytes of the ONNX file
    difference: float  # the greatest between a probability in float32 and of PyTorch
    count: int  # of validation samples

    @property
    def folder(self) -> Path:
        """Where the model lies."""
        return self.path.parent

    @property
    def path(self) -> Path:
        """The ONNX file."""
        return (self.bundle.folder or Path()) / ONNX


@dataclass(frozen=True, repr=False)
class Export(Written):
    """What `export` wrote of a run that reads symbols, and how well calibrated it is."""

    temperature: float
    error_before: float  # expected calibration error of the run
    error: float  # and of the file
    lost: float | None = None  # top-1 on validation that eight bits cost; None in float32
    validates_on_test: bool = False  # as published systems did: the errors are no estimates

    def __repr__(self) -> str:
        cost = "" if self.lost is None else f" before quantisation, which cost {self.lost:.3%}"
        samples = "validation samples"
        if self.validates_on_test:
            samples += " (test samples in this recipe, so not an honest estimate)"
        return (
            f"Export({self.path}: {self.size / 1e6:.2f} MB, temperature {self.temperature:.3f}, "
            f"calibration error {self.error_before:.2%} -> {self.error:.2%} on {self.count:,} "
            f"{samples}, differs from PyTorch by {self.difference:.0e}{cost})"
        )


@dataclass(frozen=True, repr=False)
class MadeExport(Written):
    """What `export` wrote of a run that reads lines or pages, and how well that reads."""

    figure: str  # its name
    value: float  # of the file, on validation
    lost: float | None = None  # of it by eight bits; None where they were not asked for

    def __repr__(self) -> str:
        cost = "" if self.lost is None else f"; quantisation costs {self.lost:.2%}"
        kept = (
            ""
            if self.lost is None or self.bundle.precision == "int8"
            else ", so it is left in float32"
        )
        return (
            f"MadeExport({self.path}: {self.size / 1e6:.2f} MB, {self.figure} {self.value:.2%} on "
            f"{self.count:,} validation {self.bundle.task}, differs from PyTorch by "
            f"{self.difference:.0e}{cost}{kept})"
        )


def export(
    model: str | Path | Run,
    out: str | Path | None = None,
    *,
    eight_bits: bool = False,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
) -> Export | MadeExport:
    """Write a model that reads, with the temperature that `evaluate` fits and reports.

    Parameters
    ----------
    model
        A run, by its name or folder; or a model, by its folder or, if it is shipped, its name.
    out
        The folder to write the model to; by default its own, which a shipped one has not.
    eight_bits
        Whether its convolutions compute in eight bits: twice as fast or more, and a third of the
        size, for a little accuracy, which the result states. What is checked against PyTorch is the
        file before. What reads lines or pages stays in float32 if they cost too much.
    runs, data
        As for `train`.

    Raises
    ------
    InkdigitsError
        If there are no weights, if the file would not answer as PyTorch does, or if there is
        nothing to be had from eight bits.

    Examples
    --------
    >>> from inkdigits import export, train
    >>> run = train("tiny", epochs=1, data="synthetic", name="second", progress=False)
    >>> export(run).path.name
    'model.onnx'
    """
    found = Pretrained.open(model, runs)
    if found.recipe.task == SYMBOLS:
        return export_symbols(model, out, eight_bits=eight_bits, runs=runs, data=data)
    folder = _folder(found, out)
    made = convert(found, _metadata(found, 1.0, eight_bits=False), eight_bits)
    _check_difference(found, made.difference)
    bundle = replace(found.bundle, temperature=1.0, precision=made.precision)
    return MadeExport(
        bundle=_written(bundle, folder, found, made.content),
        size=len(made.content),
        difference=made.difference,
        count=made.count,
        figure=made.figure,
        value=made.value,
        lost=made.lost,
    )


def export_symbols(
    model: str | Path | Run,
    out: str | Path | None = None,
    *,
    eight_bits: bool = False,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
) -> Export:
    """Do what `export` does, with a model that reads symbols."""
    found = Pretrained.open(model, runs)
    found.recipe.check_symbols("A calibrated export")
    folder = _folder(found, out)
    _, splits, _ = datasets.opened(found.recipe, data)
    graph = exported_graph(found, splits)
    digits = splits.validation
    size = None if graph.is_framed else digits.size
    temperature = float(graph.temperature)
    content = _converted(graph, size, _metadata(found, temperature, eight_bits, size), found)
    difference = measured_difference(content, graph, digits)
    _check_difference(found, difference)
    lost = None
    symbols = digits[np.flatnonzero(digits.are_symbols)]
    before = _uncalibrated(graph, symbols)
    if eight_bits:
        full, content = content, _in_eight_bits(content, splits.train, found.name)
        lost = _right(full, symbols) - _right(content, symbols)
    precision = "int8" if eight_bits else "float32"
    bundle = replace(found.bundle, temperature=temperature, precision=precision)
    bundle = replace(bundle, framed=graph.is_framed)
    return Export(
        bundle=_written(bundle, folder, found, content),
        size=len(content),
        temperature=temperature,
        difference=difference,
        error_before=metrics.reliability(before, symbols.labels).error,
        error=metrics.reliability(_shares(content, symbols), symbols.labels).error,
        count=len(symbols),
        lost=lost,
        validates_on_test=splits.validates_on_test,
    )


def _check_difference(found: Pretrained, difference: float) -> None:
    if not difference <= TOLERANCE:
        raise RunError(
            f"The ONNX file of {found.name} would differ from PyTorch by {difference:.1e}, so it "
            f"was not written: at most {TOLERANCE:.0e} is allowed."
        )


def _folder(found: Pretrained, out: str | Path | None) -> Path:
    if out is not None:
        if Path(out).is_file() or Path(out).suffix == ".onnx":
            raise RunError(f"A model is written to a folder, and {out} is a file: name a folder.")
        return Path(out)
    if found.run is not None:
        return found.run.path
    if found.bundle.folder is None or found.bundle.folder.parent == MODELS:
        raise RunError(
            f"The model {found.name} is part of the package: name another folder with --out."
        )
    return found.bundle.folder


def _written(bundle: Bundle, folder: Path, found: Pretrained, onnx: bytes) -> Bundle:
    """Write the bundle; into the folder of a run only while nobody trains it."""
    if found.run is None or folder.resolve() != found.run.path.resolve():
        return bundle.write(folder, found.content, onnx)
    with found.run.locked():
        if found.run.digest != found.digest:
            raise RunError(f"{found.name} was trained further meanwhile: export it again.")
        return bundle.write(folder, found.content, onnx)


def _in_eight_bits(content: bytes, train: Digits, name: str) -> bytes:
    some = train[:: max(1, len(train) // CALIBRATED)]
    try:
        return quantised(content, np.array_split(_ink(some)[:, None], PARTS))
    except ValueError as error:
        raise RunError(
            f"{name} has no convolution that eight bits would make faster: leave out --eight-bits."
        ) from error


def _ink(digits: Digits) -> Floats:
    return digits.images.astype(np.float32) / np.float32(255)


@torch.inference_mode()
def _uncalibrated(graph: Graph, digits: Digits) -> metrics.Floats:
    """Return the probabilities of the symbols without a temperature."""
    parts = torch.from_numpy(_ink(digits)).unsqueeze(1).split(CHECKED)
    shares = torch.cat([graph.logits(part).double().softmax(1) for part in parts])
    return shares[:, : graph.symbols].numpy()


def _shares(content: bytes, digits: Digits) -> metrics.Floats:
    # As a reader counts: what may be no symbol lowers the confidence in every one.
    found = Recogniser.from_bytes(content, "the recogniser").read(_ink(digits))
    return found.probabilities.astype(np.float64) * (1 - found.no_symbol)[:, None]


def _right(content: bytes, digits: Digits) -> float:
    return float((_shares(content, digits).argmax(1) == digits.labels).mean())


def _metadata(
    found: Pretrained, temperature: float, eight_bits: bool, size: tuple[int, int] | None = None
) -> dict[str, str]:
    bundle = found.bundle
    validation = bundle.figures.get("validation", {})
    return {
        **Contract(found.recipe.alphabet, temperature, found.recipe.task, size).to_metadata(),
        "name": bundle.name,
        "recipe": found.recipe.name,
        "seed": str(found.recipe.training.seed),
        "figures": json.dumps({"validation": validation}),
        "precision": "int8" if eight_bits else "float32",
        "weights": found.digest,
        "licence": bundle.licence,
        "versions": json.dumps(dict(bundle.versions)),
    }


def _converted(
    graph: Graph, size: tuple[int, int] | None, metadata: dict[str, str], found: Pretrained
) -> bytes:
    """Return the ONNX file; what no file can be made of is one sentence."""
    if not found.recipe.network.own_names:
        return file_of(graph, size, metadata)
    try:
        return file_of(graph, size, metadata)
    except InkdigitsError:
        raise
    except Exception as error:  # foreign code fails in ways of its own
        said = printable(" ".join(str(error).split())[:300]).rstrip(".")
        raise RunError(
            f"The network {', '.join(found.recipe.network.own_names)} of {found.name} cannot be "
            f"written as ONNX: {type(error).__name__}: {said}. It must run the same "
            "operations for any pictures and any number of them, all supported by torch.export."
        ) from error


def file_of(graph: Graph, size: tuple[int, int] | None, metadata: dict[str, str]) -> bytes:
    """Return the file of a graph that takes crops of any size, or pictures of `size`."""
    many = torch.export.Dim("N", min=1, max=1 << 20)
    if size is not None:
        return to_onnx(graph, torch.rand(3, 1, *size), {0: many}, metadata)
    tall = torch.export.Dim("H", min=2, max=1 << 14)
    wide = torch.export.Dim("W", min=2, max=1 << 14)
    return to_onnx(graph, torch.rand(3, 1, 40, 30), {0: many, 2: tall, 3: wide}, metadata)


def measured_difference(content: bytes, graph: Graph, digits: Digits) -> float:
    """Return the greatest difference between the outputs of the file and of PyTorch."""
    file = Recogniser.from_bytes(content, "the recogniser")
    greatest = 0.0
    images = torch.from_numpy(digits.images[:CHECKED]).unsqueeze(1).float() / 255
    # Of a larger, wider crop as well, where sizes are free.
    wider = functional.pad(functional.interpolate(images, scale_factor=3.0), (7, 0, 0, 5))
    for ink in (images, wider) if graph.is_framed else (images,):
        with torch.inference_mode():
            expected = graph(ink)
        answers = file.read(ink.squeeze(1).numpy())
        for wanted, given in zip(
            expected, (getattr(answers, name) for name in OUTPUTS), strict=True
        ):
            greatest = max(greatest, float(np.abs(wanted.numpy() - given).max()))
    return greatest
