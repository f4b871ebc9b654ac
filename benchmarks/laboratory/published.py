"""The published systems side by side: their figure, ours by their steps, and the honest one."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import results
from benchmarks.laboratory.page import share
from benchmarks.laboratory.seeds import Trained, train_seeds
from inkdigits.evaluation.report import spoken_seconds
from inkdigits.files import write_text

SYSTEMS = ("one-conv", "mlp", "cnn", "spatial-dropout", "simple-cnn")

# A few seeds say nothing of a system in which classes live or die by the seed.
UNSTABLE = ("one-conv-published",)
MANY = 10


@dataclass(frozen=True)
class Step:
    """One change to a published recipe, and the sentence that it proves."""

    recipe: str
    what: str
    settings: dict[str, object] = field(default_factory=dict)


# What explains the difference, from as published to as corrected.
STEPS = (
    Step("one-conv-published", "as published"),
    Step(
        "one-conv-published",
        "at the rate the author asked for, without the hidden third of the scheduler",
        {"schedule.factor": 1.0},
    ),
    Step("one-conv-published", "without the second softmax", {"network.head": "logits"}),
    Step(
        "one-conv",
        "as corrected: logits, 55,000 normalised digits, a rate that falls, chosen on validation",
    ),
    Step("spatial-dropout-published", "as published"),
    Step("spatial-dropout-published", "without the second softmax", {"network.head": "logits"}),
    Step(
        "spatial-dropout",
        "as corrected: logits, normalised digits, a higher rate that falls, chosen on validation",
    ),
)


def measure(seeds: int, out: Path, runs: Path, data: Path | None, device: str) -> Path:
    """Train and evaluate everything, write `out` and a JSON file beside it, and return `out`."""
    folder = runs / "_published"

    def trained(recipe: str, settings: dict[str, object] | None = None) -> Trained:
        count = max(seeds, MANY) if recipe in UNSTABLE else seeds
        return train_seeds(recipe, settings or {}, count, folder, data, device)

    systems = [
        {"published": trained(f"{name}-published"), "corrected": trained(name)} for name in SYSTEMS
    ]
    steps = [(step, trained(step.recipe, step.settings)) for step in STEPS]
    found = {
        "seeds": seeds,
        **systems[0]["published"].machine,
        "systems": [{kind: one.figures() for kind, one in pair.items()} for pair in systems],
        "steps": [{"what": step.what, **one.figures()} for step, one in steps],
    }
    results.write_json(out.with_suffix(".json"), found)
    page = results.render(
        "published.md",
        found=found,
        systems=systems,
        steps=steps,
        seeds=seeds,
        share=lambda summary: share(vars(summary)),
        spoken=spoken_seconds,
        path=out.with_suffix(".json").name,
    )
    write_text(out, page)
    return out
