"""The command line: parse, call, print. No logic lives here, and nothing heavy is imported."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from .errors import InkdigitsError, MissingExtraError

if TYPE_CHECKING:
    from .evaluation import Comparison, Evaluation

app = typer.Typer(
    name="inkdigits",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Read handwritten digits; train, test and compare the networks that do it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
bench_app = typer.Typer(no_args_is_help=True, help="Measure, and write down what was measured.")
app.add_typer(bench_app, name="bench")
console = Console(soft_wrap=True)

RecipeName = Annotated[str, typer.Argument(help="A recipe's name, or the path of a TOML file.")]
RunName = Annotated[str, typer.Argument(help="A run's name, or its folder.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder that holds MNIST.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder that holds the runs.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
RUNS = Path("runs")


@app.command()
def read(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Pictures, folders, patterns; - is standard input."),
    ],
    single: Annotated[
        bool, typer.Option("--single", help="All ink of a picture is one digit.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text",
    annotated: Annotated[
        Path | None, typer.Option("--annotated", help="Draw what was read on copies, in here.")
    ] = None,
    seen: Annotated[
        Path | None, typer.Option("--seen", help="Write the 28×28 that the network saw in here.")
    ] = None,
    steps: Annotated[
        Path | None, typer.Option("--steps", help="Draw the way from picture to digits, in here.")
    ] = None,
    min_confidence: Annotated[
        float, typer.Option("--min-confidence", min=0, max=1, help="What is below is refused: ?")
    ] = 0.5,
    recogniser: Annotated[
        str | None, typer.Option("--recogniser", help="An .onnx file, or a run; else the shipped.")
    ] = None,
    runs: Runs = RUNS,
) -> None:
    """Read the digits in pictures."""
    from inkdigits.reading import Reader, answers
    from inkdigits.reading.watch import Watch

    if form not in answers.FORMATS:
        _refuse(f"--format is {' or '.join(answers.FORMATS)}, not {form}.")
    if recogniser is not None and (runs / recogniser).is_dir():
        recogniser = str(runs / recogniser)
    reader = Reader(recogniser, min_confidence=min_confidence)
    if paths.count("-") > 1:
        _refuse("Standard input holds one picture: name - once.")
    names = answers.pictures(paths)
    sources = [sys.stdin.buffer.read() if name == "-" else name for name in names]
    watch = Watch(names, sources, annotated, seen, steps)
    readings = watch.over(reader.read_many(sources, single=single))
    for line in answers.lines(form, names, readings):
        typer.echo(line)
    if watch.failed:
        sys.exit(1)


@app.command()
def export(
    run: RunName,
    out: Annotated[Path | None, typer.Option("--out", help="The .onnx file to write.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make a recogniser of a run: one file for `read --recogniser`."""
    import inkdigits

    _say(repr(inkdigits.export(run, out, runs=runs, data=data)))


@app.command()
def train(
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe's name, or the path of a TOML file.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call the run.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="How many in all.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Where chance starts from.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another setting: section.setting=value. May be repeated."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", help="Go on with this run; with --epochs, for longer."),
    ] = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Evaluate the run when it is trained.")
    ] = False,
    or_pens: Annotated[
        bool, typer.Option("--or-pens", help="Use synthetic digits if MNIST cannot be had.")
    ] = False,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train a network as a recipe says."""
    import inkdigits
    from inkdigits.training.recipe import parse_setting

    if (recipe is None) == (resume is None):
        _refuse("Name a recipe to train, or a run to --resume; `inkdigits recipes` lists recipes.")
    if resume is not None:
        if name is not None or seed is not None or settings:
            _refuse("A run is resumed as it began: --name, --seed and --set do not go with it.")
        run = inkdigits.resume(resume, epochs=epochs, runs=runs, data=data, device=device)
    else:
        run = inkdigits.train(
            str(recipe),
            epochs=epochs,
            seed=seed,
            settings=dict(parse_setting(text) for text in settings or []),
            name=name,
            runs=runs,
            data=data,
            or_pens=or_pens,
            device=device,
        )
    _say(repr(run))
    if evaluate:
        found = inkdigits.evaluate(run, data=data, device=device)
        _print_evaluation(found)


@app.command()
def evaluate(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to evaluate.")],
    on: Annotated[
        str | None, typer.Option("--on", help="Read these digits instead: mnist or pens.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Read the test digits with runs; write their figures, pictures and reports."""
    import inkdigits
    from inkdigits.training.run import Run

    for run in [Run.open(name, runs) for name in names]:
        _print_evaluation(inkdigits.evaluate(run, on=on, data=data, device=device))


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Evaluated runs.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the page.")] = None,
    runs: Runs = RUNS,
) -> None:
    """Compare evaluated runs: a table, shared curves, and whether it could be chance."""
    import inkdigits

    _print_comparison(inkdigits.compare(*names, runs=runs, out=out))


@app.command("find-lr")
def find_lr(
    recipe: RecipeName,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Write the recipe with the rate found here.")
    ] = None,
    retrain: Annotated[
        bool,
        typer.Option("--retrain", help="Train at the old and the new rate, and compare them."),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pictures.")] = None,
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Search the learning rate of a recipe: eleven rates, and a range test."""
    import inkdigits
    from inkdigits.files import write_text

    found = inkdigits.find_lr(recipe, runs=runs, out=out, data=data, device=device)
    _say(repr(found))
    _say(f"Pictures: {found.folder}")
    if apply is not None:
        write_text(apply, found.applied.dump())
        _say(f"Recipe: {apply}")
    if retrain:
        _print_comparison(found.retrain(runs=runs, data=data, device=device))


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this recipe.")] = None,
) -> None:
    """List the recipes that come with the program, or print one."""
    from inkdigits.training.recipe import Recipe, names, text_of

    if name is not None:
        typer.echo(text_of(name), nl=False)
        return
    table = Table("recipe", "what it is", box=None, pad_edge=False)
    for known in names():
        table.add_row(known, Recipe.load(known).about)
    Console().print(table, highlight=False)


@app.command()
def summary(recipe: RecipeName) -> None:
    """Show the network of a recipe: layers, shapes, parameters, multiply-adds, memory."""
    import torchinfo

    from inkdigits import networks
    from inkdigits.training.recipe import Recipe

    network = networks.build(Recipe.load(recipe).network)
    columns = ("output_size", "num_params", "mult_adds")
    typer.echo(torchinfo.summary(network, (1, 1, 28, 28), col_names=columns, verbose=0))


@app.command()
def data(
    name: Annotated[str, typer.Argument(help="mnist or pens.")] = "mnist",
    fetch: Annotated[bool, typer.Option("--fetch", help="Download MNIST if need be.")] = False,
    folder: Data = None,
) -> None:
    """Tell what digits are there, where, and what is in them."""
    from inkdigits.data import describe, mnist

    if fetch:
        _say(f"MNIST is in {mnist.fetch(folder)}")
    place, halves = describe(name, folder)
    _say(f"{name} from {place}")
    header = [
        "part",
        "digits",
        *[str(digit) for digit in range(10)],
        "mean",
        "std",
        "SHA-256 begins",
    ]
    _table(header, halves)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="mnist or pens.")] = "mnist",
    index: Annotated[
        int | None, typer.Option("--index", help="One digit, with its values and one-hot label.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="Write a PNG here.")] = None,
    folder: Data = None,
) -> None:
    """Show training digits with their labels, in the terminal or as a PNG."""
    from inkdigits import terminal
    from inkdigits.data import load_collection
    from inkdigits.evaluation import plots
    from inkdigits.files import write_bytes

    digits = load_collection(name, folder).training
    if index is not None and not 0 <= index < len(digits):
        _refuse(f"There is no digit {index}: {name} has 0 to {len(digits) - 1:,}.")
    shown = digits[:count] if index is None else digits[index : index + 1]
    labels = [str(label) for label in shown.labels]
    if out is not None:
        across = min(10, len(shown))
        drawn = plots.gallery(shown.images, labels, [plots.TEXT] * len(shown), across)
        write_bytes(out, plots.png(drawn))
        _say(f"Written: {out}")
    elif index is None:
        titles = [(label, "bold") for label in labels]
        console.print(terminal.draw(shown.images, titles, colour=console.is_terminal))
    if index is not None:
        typer.echo(terminal.plain(shown.images[0]))
        one_hot = [int(digit == int(labels[0])) for digit in range(10)]
        typer.echo(f"{name} training digit {index}: label {labels[0]}, one-hot {one_hot}")


@app.command("runs")
def list_runs(runs: Runs = RUNS) -> None:
    """List all runs."""
    from inkdigits.training.run import all_runs, describe_run

    found = all_runs(runs)
    if not found:
        _say(f"There are no runs in {runs}/: make one with `inkdigits train quick`.")
        return
    header = ["run", "recipe", "digits", "epochs", "best", "validation", "test", "95% interval"]
    _table(header, [describe_run(run) for run in found])


@bench_app.command("published")
def bench_published(
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="The document to write.")] = Path(
        "docs/published.md"
    ),
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train the published systems as published and corrected; write what they score."""
    from inkdigits.bench.published import measure

    _say(f"Written: {measure(seeds, out, runs, data, device)}")


@bench_app.command("recipes")
def bench_recipes(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RECIPE]...", help="By default all of ours.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="The document to write.")] = Path(
        "docs/measured.md"
    ),
    data: Data = None,
    runs: Runs = RUNS,
    device: Device = "auto",
) -> None:
    """Train our own recipes; write what they score."""
    from inkdigits.bench.recipes import RECIPES, measure

    _say(f"Written: {measure(names or RECIPES, seeds, out, runs, data, device)}")


@bench_app.command("recogniser")
def bench_recogniser(
    out: Annotated[
        Path | None, typer.Option("--out", help="The .onnx file; by default the shipped one.")
    ] = None,
    data: Data = None,
    runs: Runs = RUNS,
) -> None:
    """Make the shipped recogniser: train, calibrate, export, measure, describe."""
    from inkdigits.bench.recogniser import make

    _say(f"Written: {make(out, runs, data)}")


def main() -> None:
    """Run the command line; a user's error is one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of few letters is no reason to stop
    try:
        app()
    except InkdigitsError as error:
        _fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}; check the path and its permissions.")
    except ModuleNotFoundError as error:
        _fail(str(MissingExtraError.of(error)))
    except KeyboardInterrupt:
        sys.exit(130)


def _print_evaluation(found: "Evaluation") -> None:
    from inkdigits import terminal

    guesses = found.guesses[:10]
    titles = [
        (f"T: {true}  P: {read}", "green" if true == read else "red")
        for true, read in zip(found.digits.labels, guesses, strict=False)
    ]
    images = found.digits.images[:10]
    console.print(terminal.draw(images, titles, colour=console.is_terminal), end="")
    _say(repr(found))
    if found.worth:
        _say(f"As published: {found.worth}")
    _say(f"Report: {found.report}")


def _print_comparison(found: "Comparison") -> None:
    _table(["run", *found.columns], found.rows)
    for verdict in found.verdicts:
        _say(verdict)
    _say(f"Curves: {found.page}")


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False)


def _table(header: list[str], rows: list[list[str]]) -> None:
    table = Table(*header, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    # What is piped somewhere is not to be folded to a width that nobody has.
    wide: dict[str, Any] = {} if console.is_terminal else {"width": 240}
    Console(markup=False, **wide).print(table, highlight=False)


def _refuse(sentence: str) -> NoReturn:
    raise InkdigitsError(sentence)


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(
        f"inkdigits: {sentence}", markup=False, highlight=False
    )
    sys.exit(2)
