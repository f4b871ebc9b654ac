"""The command line of all measuring: ``python -m benchmarks``, in the folder of a checkout."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from inkdigits import cli
from inkdigits.cli.base import RUNS, Data, Device, Runs, say, table

FOLDER = Path("docs/benchmarks")
SUITE = Path("runs/_suite/benchmarks")
LABORATORY, SHIPPED, READER, PAGE = (
    "Training, and networks alone",
    "What the package ships with",
    "The reader",
    "The page",
)
# Each has options of its own, and explains them: python -m benchmarks NAME -h
MEASUREMENTS = (
    ("loader", "laboratory.loader", LABORATORY, "One tensor against one Python call an image."),
    ("reader", "reader.report", READER, "All that docs/reader.md says, one after the other."),
    ("handwriting", "reader.handwriting", READER, "Real handwriting, and general OCR beside it."),
    ("documents", "reader.documents", READER, "Small writing, numbers with marks, tables, combs."),
    ("stress", "reader.stress", READER, "Pages whose text is known, effect by effect."),
    ("other-digits", "reader.other_digits", READER, "Digits of scikit-learn."),
    ("costs", "reader.costs", READER, "Time and memory of the costliest pictures."),
    ("speed", "reader.speed", READER, "How long one picture takes, and the whole command."),
    ("read-many", "reader.read_many", READER, "How fast many pictures are read, and the memory."),
    ("development", "reader.development", READER, "One table over all datasets, in minutes."),
    ("misread", "reader.misread", READER, "Pictures of what is misread, to look at."),
    ("rejection", "reader.rejection", READER, "Designs of rejecting what is no digit, compared."),
    ("fuzz", "reader.fuzz", READER, "Damaged pictures by the thousand."),
    ("browser", "web.browser", PAGE, "The page in a browser: how soon a reading follows the hand."),
    ("server", "web.server", PAGE, "The server, with many clients at once."),
)  # fmt: skip

app = typer.Typer(
    name="python -m benchmarks",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measure, and write down what was measured.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
Out = Annotated[
    Path, typer.Option("--out", help="Folder for the figures; the page comes beside it.")
]
Recipes = Annotated[
    Path | None,
    typer.Option(
        "--recipes",
        help="Also write the figures into the recipes of this folder, and into README.md.",
    ),
]


@app.command("suite", rich_help_panel=LABORATORY)
def run_suite(out: Out = SUITE, data: Data = None) -> None:
    """Measure in minutes what fits this machine: its speed, one recipe, networks that read."""
    from benchmarks.laboratory import suite

    page = suite.measure(out, data, say)
    table(["measured", "mean or median (least to greatest)"], suite.table(out))
    say(f"Written: {page}, from the figures in {out}")


@app.command("recipes", rich_help_panel=LABORATORY)
def run_recipes(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RECIPE]...", help="By default all of ours.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Out = FOLDER,
    recipes: Recipes = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train our own recipes; write their accuracy and time."""
    from benchmarks.laboratory.recipes import RECIPES, measure

    say(f"Written: {measure(names or RECIPES, seeds, out, runs, data, device)}")
    _write_page(out, recipes)


@app.command("ensemble", rich_help_panel=LABORATORY)
def run_ensemble(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="By default every run of the recipe `best`."),
    ] = None,
    out: Out = FOLDER,
    recipes: Recipes = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Average runs that `recipes` trained; write the accuracy of that."""
    from benchmarks.laboratory.recipes import measure_ensemble

    say(f"Written: {measure_ensemble(names or [], out, runs, data, device)}")
    _write_page(out, recipes)


@app.command("published", rich_help_panel=LABORATORY)
def run_published(
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="The document to write.")] = Path(
        "docs/published.md"
    ),
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train the published systems as published and corrected; write their accuracy."""
    from benchmarks.laboratory.published import measure

    say(f"Written: {measure(seeds, out, runs, data, device)}")


@app.command("training", rich_help_panel=LABORATORY)
def run_training(
    baselines: Annotated[
        list[str] | None, typer.Argument(metavar="[BASELINE]...", help="By default all of them.")
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Trainings of each.")] = 5,
    out: Out = FOLDER,
    data: Data = None,
) -> None:
    """Train against other programs, to 99% of the test digits; write how long each takes."""
    from benchmarks.laboratory.training import measure

    say(f"Written: {measure(out, rounds, data, baselines)}")
    _write_page(out)


@app.command("inference", rich_help_panel=LABORATORY)
def run_inference(out: Out = FOLDER, data: Data = None) -> None:
    """Read digits with every network and backend; write how fast each is."""
    from benchmarks.laboratory.inference import measure

    say(f"Written: {measure(out, data)}")
    _write_page(out)


@app.command("roofline", rich_help_panel=LABORATORY)
def run_roofline(out: Out = FOLDER, data: Data = None) -> None:
    """Measure the most that this machine can do, and how near training comes to it."""
    from benchmarks.laboratory.roofline import measure

    say(f"Written: {measure(out, data)}")
    _write_page(out)


@app.command("page", rich_help_panel=LABORATORY)
def write_page(out: Out = FOLDER, recipes: Recipes = None) -> None:
    """Write docs/benchmarks.md and its chart again, from figures that are there."""
    _write_page(out, recipes)


def _write_page(out: Path, recipes: Path | None = None) -> None:
    from benchmarks.laboratory import page, readme_figures

    say(f"Written: {page.write(out)}")
    for path in readme_figures.write(out, recipes) if recipes is not None else ():
        say(f"Written: {path}")


@app.command("models", rich_help_panel=SHIPPED)
def make_models(
    out: Annotated[Path, typer.Option("--out", help="Folder for the models, a folder each.")],
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make all shipped models: train, export, measure, describe."""
    from benchmarks.shipped.models import make

    for written in make(out, runs, data):
        say(f"Written: {written}")


@app.command("recogniser", rich_help_panel=SHIPPED)
def make_recogniser(
    out: Annotated[Path, typer.Option("--out", help="Folder of the model, called as it.")],
    init: Annotated[
        str | None, typer.Option("--init", help="Train this model further, in place of anew.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make the recogniser of symbols: train, calibrate, export, measure, describe."""
    from benchmarks.shipped.recogniser import make

    say(f"Written: {make(out, runs, data, init)}")


@app.command("guide", rich_help_panel=SHIPPED)
def make_guide(
    out: Annotated[Path, typer.Option("--out", help="Folder for the two files.")],
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Make what the study guide shows: samples, and five mistakes with their remedies as runs."""
    from benchmarks.shipped.guide import measure

    say(f"Written: {measure(out, runs, data, device)}")


def measurement(module: str) -> Callable[[typer.Context], None]:
    """Return a command that hands its arguments to `module`, which is imported only then."""

    def run(context: typer.Context) -> None:
        import_module(f"benchmarks.{module}").main(context.args)

    return run


for _name, _module, _panel, _help in MEASUREMENTS:
    app.command(
        _name,
        help=_help,
        rich_help_panel=_panel,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(measurement(_module))


def main() -> None:
    """Run the command line; a user's error is one sentence and exit code 2."""
    cli.main(app)


if __name__ == "__main__":
    main()
