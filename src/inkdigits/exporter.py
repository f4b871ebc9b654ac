"""From a run to a recogniser: one ONNX file that takes crops of ink and gives calibrated answers.

Framing, network, temperature and the refusal all travel inside its graph. It is checked against
PyTorch before it is written; then its convolutions may go over to eight bits (`quantiser`).
"""

import json
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .data import load_collection
from .data.digits import NO_DIGIT, SEVERAL, SPLITS, Digits
from .errors import RunError
from .evaluation import metrics
from .evaluation.calibration import fit_temperature
from .files import write_bytes
from .networks.frame import Frame
from .quantiser import Floats, quantised
from .recognition.recogniser import OUTPUTS, Recogniser
from .training.environment import versions
from .training.loop import Tensors, predict
from .training.run import FOLDER, Run

CHECKED = 1000  # digits on which the file and PyTorch must agree
CALIBRATED = 512  # training digits that set the ranges of eight bits
TOLERANCE = 1e-4
OPSET = 20


@dataclass(frozen=True)
class Export:
    """What `export` wrote, and how well calibrated it is on the validation digits."""

    path: Path
    size: int  # bytes
    temperature: float
    difference: float  # the greatest between a probability in float32 and of PyTorch
    error_before: float  # expected calibration error of the run
    error: float  # and of the file
    count: int
    lost: float | None = None  # top-1 on those digits that eight bits cost; None in float32

    def __repr__(self) -> str:
        cost = "" if self.lost is None else f" before eight bits, which cost {self.lost:.3%}"
        return (
            f"Export({self.path}: {self.size / 1e6:.2f} MB, temperature {self.temperature:.3f}, "
            f"calibration error {self.error_before:.2%} -> {self.error:.2%} on {self.count:,} "
            f"validation digits, differs from PyTorch by {self.difference:.0e}{cost})"
        )


class Graph(nn.Module):
    """A trained network with all that belongs before and behind it."""

    temperature: Tensor

    def __init__(self, network: nn.Sequential, temperature: float) -> None:
        super().__init__()
        parts = dict(network.named_children())
        self.frame = parts.get("frame", Frame())
        self.has_softmax = "softmax" in parts
        self.network = nn.Sequential(*(part for name, part in parts.items() if name != "frame"))
        self.register_buffer("temperature", torch.tensor(temperature))

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Ink ``(N, 1, H, W)`` → what `Answers` holds, in its order.

        The ten probabilities add up to 1: which digit it is if it is one at all.
        """
        seen = self.frame(ink)
        outputs = self.network(seen)
        logits = outputs.clamp_min(1e-30).log() if self.has_softmax else outputs
        shares = (logits / self.temperature).softmax(1)
        digits = shares[:, :10]
        some = digits.sum(1, keepdim=True)
        several = shares[:, SEVERAL:].sum(1)  # 0 where the network knows no such class
        return digits / some.clamp_min(1e-12), 1 - some.squeeze(1), several, seen.squeeze(1)


def export(
    run: str | Path | Run,
    out: str | Path | None = None,
    *,
    eight_bits: bool = False,
    runs: str | Path = FOLDER,
    data: str | Path | None = None,
) -> Export:
    """Write the recogniser of a run, with its temperature set on the validation digits.

    Parameters
    ----------
    run
        Its name or folder.
    out
        The file to write; by default ``recogniser.onnx`` in the run's folder.
    eight_bits
        Whether its convolutions reckon in eight bits: twice as fast or more, and a third of the
        size, for a little accuracy, which the answer tells. What is checked against PyTorch is the
        file before.
    runs, data
        As for `train`.

    Raises
    ------
    RunError
        If the run has no weights, if the file would not answer as PyTorch does, or if there is
        nothing to be had from eight bits.
    """
    run = Run.open(run, Path(runs))
    path = run.path / "recogniser.onnx" if out is None else Path(out)
    network = run.network()
    if not isinstance(network, nn.Sequential):
        raise RunError(f"{run.path} holds no network that can be exported.")
    splits = SPLITS[run.recipe.data.split](load_collection(run.recipe.data.name, data))
    digits = splits.validation
    logits = _logits(network, digits)
    temperature = fit_temperature(logits, torch.from_numpy(digits.labels.astype(np.int64)))
    graph = Graph(network, temperature).eval()
    content = _to_onnx(graph, _card(run, temperature, eight_bits))
    difference = _difference(content, graph, digits)
    if not difference <= TOLERANCE:
        raise RunError(
            f"The recogniser of {run.path} would differ from PyTorch by {difference:.1e}, so it "
            f"was not written: {TOLERANCE:.0e} is allowed."
        )
    lost = None
    real = np.flatnonzero(digits.labels < NO_DIGIT)
    judged = digits[real]
    if eight_bits:
        full, content = content, _in_eight_bits(content, splits.train, run)
        lost = _right(full, judged) - _right(content, judged)
    write_bytes(path, content)
    bare = logits[real].double().softmax(1)[:, :10].numpy()
    return Export(
        path=path,
        size=len(content),
        temperature=temperature,
        difference=difference,
        error_before=metrics.reliability(bare, judged.labels).error,
        error=metrics.reliability(_shares(content, judged), judged.labels).error,
        count=len(judged),
        lost=lost,
    )


def _in_eight_bits(content: bytes, train: Digits, run: Run) -> bytes:
    some = train[:: max(1, len(train) // CALIBRATED)]
    try:
        return quantised(content, _ink(some))
    except ValueError as error:
        raise RunError(
            f"{run.path} has no convolution that eight bits make faster: export it in float32."
        ) from error


def _ink(digits: Digits) -> Floats:
    return digits.images.astype(np.float32) / np.float32(255)


def _shares(content: bytes, digits: Digits) -> metrics.Floats:
    # Of the ten digits, as a reader counts: to refuse a digit is to be less sure of it.
    answers = Recogniser.from_bytes(content, "the recogniser").read(_ink(digits))
    return answers.probabilities.astype(np.float64) * (1 - answers.no_digit)[:, None]


def _right(content: bytes, digits: Digits) -> float:
    return float((_shares(content, digits).argmax(1) == digits.labels).mean())


def _logits(network: nn.Sequential, digits: Digits) -> Tensor:
    outputs = predict(network, Tensors.of(digits, torch.device("cpu")).images)
    return outputs.clamp_min(1e-30).log() if hasattr(network, "softmax") else outputs


def _card(run: Run, temperature: float, eight_bits: bool) -> dict[str, str]:
    best = run.best
    return {
        "inkdigits": "recogniser 1",
        "run": run.name,
        "recipe": run.recipe.name,
        "seed": str(run.recipe.training.seed),
        "epoch": str(best.epoch if best else 0),
        "validation_accuracy": f"{best.validation_accuracy:.4f}" if best else "",
        "temperature": f"{temperature:.4f}",
        "precision": "int8" if eight_bits else "float32",
        "versions": json.dumps({k: v for k, v in versions().items() if k != "system"}),
    }


def _to_onnx(graph: Graph, card: dict[str, str]) -> bytes:
    many = torch.export.Dim("N", min=1, max=1 << 20)
    tall = torch.export.Dim("H", min=2, max=1 << 14)
    wide = torch.export.Dim("W", min=2, max=1 << 14)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter warns of its own parts that are to change; the result is checked below.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            (torch.rand(3, 1, 40, 30),),
            input_names=["ink"],
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: many, 2: tall, 3: wide},),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RunError("PyTorch gave no ONNX file of this network.")
    model = program.model_proto
    for key, value in card.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    for node in model.graph.node:
        # Where in the source each step came from: of no use to whoever runs it.
        del node.metadata_props[:]
        node.doc_string = ""
    return bytes(model.SerializeToString())


def _difference(content: bytes, graph: Graph, digits: Digits) -> float:
    """Return the greatest difference between what the file and PyTorch say."""
    file = Recogniser.from_bytes(content, "the recogniser")
    greatest = 0.0
    images = torch.from_numpy(digits.images[:CHECKED]).unsqueeze(1).float() / 255
    # Framed as they are, and from a larger, wider crop: sizes are free, and must be.
    wider = functional.pad(functional.interpolate(images, scale_factor=3.0), (7, 0, 0, 5))
    for ink in (images, wider):
        with torch.inference_mode():
            expected = graph(ink)
        answers = file.read(ink.squeeze(1).numpy())
        for wanted, given in zip(
            expected, (getattr(answers, name) for name in OUTPUTS), strict=True
        ):
            greatest = max(greatest, float(np.abs(wanted.numpy() - given).max()))
    return greatest
