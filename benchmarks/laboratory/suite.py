"""The short suite: in a few minutes, what this machine does with digits."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks import results
from benchmarks.laboratory import inference, page, recipes, roofline

RECIPE, SEEDS = "quick", 3


def measure(out: Path, data: Path | None, say: Callable[[str], None]) -> Path:
    """Measure what fits the machine, write JSON into `out` and the page beside it.

    Everything is trained anew: a run of yesterday says nothing of the machine of today.

    Parameters
    ----------
    out
        The folder for the figures.
    data
        The folder that holds MNIST; by default it is searched for, else downloaded.
    say
        Called with a line of progress.

    Returns
    -------
    Path
        The page.
    """
    say("The machine: products of matrices, and how near training comes to them.")
    roofline.measure(out, data)
    for device in ("cpu", *accelerators()):
        say(f"The recipe {RECIPE} from {SEEDS} seeds on {device}.")
        with tempfile.TemporaryDirectory() as fresh:
            name = RECIPE if device == "cpu" else f"{RECIPE} on {device}"
            recipes.measure([RECIPE], SEEDS, out, Path(fresh), data, device, called=name)
    say("Reading, on this machine's backends.")
    inference.measure(out, data)
    return page.write(out)


def accelerators() -> list[str]:
    """Return the devices beside the processor that PyTorch can use here."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [device for device, found in there.items() if found]


def table(out: Path) -> list[list[str]]:
    """Return what was measured as rows: what, how much."""
    machine, rows = results.load(out, results.MACHINE), results.load(out, results.RECIPES)
    reading = results.load(out, results.INFERENCE).get("rows", ())
    products = [
        [
            f"products, {row['precision']}, {row['threads']} threads",
            f"{page.number(row['gflops'], 0)} GFLOP/s",
        ]
        for row in machine.get("products", ())
    ]
    training = [
        [f"training of {row['recipe']}, of the roofline", f"{row['part']:.1%}"]
        for row in machine.get("training", ())
        if row["part"] is not None
    ]
    scores = [
        [f"{name}: test top-1 and training, {row['seeds']} seeds",
         f"{page.share(row['test_top_1'])}, {page.seconds(row['seconds'])}"]
        for name, row in rows.items()
    ]  # fmt: skip
    read = [
        [f"{row['network']}, {row['backend']}, {row['threads']} threads, batches of {row['batch']}",
         f"{page.number(row['digits_per_second'], 0)} digits/s"]
        for row in reading
    ]  # fmt: skip
    missing = [
        [f"not measured: {row['what']}", row["why"]]
        for row in (
            *machine.get("missing", ()),
            *results.load(out, results.INFERENCE).get("skipped", ()),
            *([] if accelerators() else [{"what": "a GPU", "why": "PyTorch finds none here"}]),
        )
    ]
    return [["hardware", page.on_machine(machine["machine"])],
            *products, *training, *scores, *read, *missing]  # fmt: skip
