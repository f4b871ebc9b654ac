"""Recipes: everything that decides a training, as one page of TOML."""

import dataclasses
import math
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self, TypeVar, get_args, get_origin, get_type_hints

from .. import notebook
from ..alphabet import DIGITS, Alphabet
from ..augmentation.degradations import Degradations
from ..augmentation.warps import Augmentation
from ..data.settings import DataSettings
from ..errors import FileError, InkdigitsError, RecipeError, nearest
from ..files import read_text
from ..limits import brief, within
from ..networks import READS, NetworkSettings
from .device import PRECISIONS
from .distil import Distil
from .optimiser import OptimiserSettings
from .schedule import Schedule

MAX_EPOCHS = 100_000
MAX_BATCH, MAX_MADE_BATCH = 100_000, 1024  # lines and pages are larger than symbols
MAX_SEED = 2**63 - 1
MONITORS = ("accuracy", "loss", "last")
MAIN = ("data", "network", "optimiser", "training")  # sections that a notebook always shows,
TOLD = ("name", "about", "published")  # and what it says above them
LARGEST = 256_000  # bytes of a recipe; those that come along have less than 4,000
DOTS = 500  # in a line
DEPTH = 20  # of tables and lists within one another

T = TypeVar("T")


@dataclass(frozen=True)
class Training:
    """How long, in what steps, and from which seed."""

    epochs: int = 5
    batch_size: int = 64
    seed: int = 0
    precision: str = "auto"  # or "float32", "bfloat16"
    label_smoothing: float = 0.0  # the part of a label that is spread over all outputs
    averaging: float = 0.0  # decay a step of the running mean of the weights; 0: no mean

    def __post_init__(self) -> None:
        within("training.epochs", self.epochs, 1, MAX_EPOCHS)
        why = "batch normalisation needs two samples" if self.batch_size < 2 else ""
        within("training.batch_size", self.batch_size, 2, MAX_BATCH, why)
        within("training.seed", self.seed, 0, MAX_SEED)
        if self.precision not in PRECISIONS:
            raise RecipeError(
                f"training.precision {self.precision!r} is unknown; "
                f"{nearest(self.precision, PRECISIONS)}"
            )
        if not 0 <= self.label_smoothing < 1 or not 0 <= self.averaging < 1:
            raise RecipeError(
                "training.label_smoothing and training.averaging must be 0 or more, below 1."
            )


@dataclass(frozen=True)
class Stopping:
    """What makes an epoch the best one, and when to give up waiting for a better."""

    monitor: str = "accuracy"  # of validation; or "loss"; or "last": nothing is chosen
    patience: int = 0  # epochs without a better one before the run stops; 0: never

    def __post_init__(self) -> None:
        if self.monitor not in MONITORS:
            raise RecipeError(
                f"stopping.monitor {self.monitor!r} is unknown; {nearest(self.monitor, MONITORS)}"
            )
        why = "0 never stops early" if self.patience < 0 else ""
        within("stopping.patience", self.patience, 0, MAX_EPOCHS, why)
        if self.patience and self.monitor == "last":
            raise RecipeError(
                "stopping.patience has no effect where stopping.monitor is last: set it to 0."
            )


@dataclass(frozen=True)
class Published:
    """What the author of a published system reported, and a note on it."""

    system: str = ""
    figure: str = ""  # as published, or what the published steps give
    metric: str = "top-1"  # or "element-wise": ten decisions an image
    note: str = ""  # one line, printed whenever the recipe is used


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training.

    Examples
    --------
    >>> from inkdigits import Recipe
    >>> recipe = Recipe.load("quick").with_settings({"training.epochs": 3})
    >>> recipe.training.epochs, recipe.network.name
    (3, 'compact')
    """

    name: str
    about: str = ""
    data: DataSettings = field(default_factory=DataSettings)
    alphabet: Alphabet = DIGITS
    network: NetworkSettings = field(default_factory=NetworkSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    schedule: Schedule = field(default_factory=Schedule)
    augmentation: Augmentation = field(default_factory=Augmentation)
    degradations: Degradations = field(default_factory=Degradations)
    training: Training = field(default_factory=Training)
    distil: Distil = field(default_factory=Distil)
    stopping: Stopping = field(default_factory=Stopping)
    published: Published = field(default_factory=Published)

    def __post_init__(self) -> None:
        if self.network.task != self.task:
            fits = [name for name, (task, _) in READS.items() if task == self.task]
            raise RecipeError(
                f"The network {self.network.name!r} reads {self.network.task}, and the data "
                f"{self.data.name!r} are {self.task}: set "
                + (f"network.name to {fits[0]}." if fits else "another network.name.")
            )
        if self.task == "symbols":
            return
        within(f"training.batch_size of {self.task}", self.training.batch_size, 2, MAX_MADE_BATCH)
        if (
            self.augmentation != Augmentation()
            or self.degradations != Degradations()
            or self.network.frame
        ):
            raise RecipeError(
                "augmentation, degradations and network.frame apply to symbols, not to "
                f"{self.data.name}: leave them out."
            )
        if self.task == "lines" and self.training.label_smoothing:
            raise RecipeError("CTC does not support training.label_smoothing: set it to 0.")

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Return a shipped recipe by its name, or the one in a TOML file.

        Raises
        ------
        RecipeError
            If there is none, or if it says something unknown or impossible.
        """
        path = Path(source)
        where = str(path) if path.suffix == ".toml" else ""
        return cls.parse(text_of(source), path.stem if where else str(source), where)

    @classmethod
    def parse(cls, text: str, name: str, where: str = "") -> Self:
        """Return the recipe that `text` (TOML) describes; `name` is used where it has none."""
        where = where or f"recipe {name!r}"
        if max(map(_dots, text.splitlines()), default=0) > DOTS:  # they cost their number squared
            raise RecipeError(f"{where} is not a recipe: it is nested too deep.")
        try:
            table = tomllib.loads(text)
        except ValueError as error:  # also a number of thousands of digits
            line = re.search(r"at line (\d+)", str(error))
            at = f" in line {line[1]}" if line else ""
            raise RecipeError(f"{where} is not valid TOML{at}: correct it.") from error
        except RecursionError as error:
            raise RecipeError(f"{where} is not a recipe: it is nested too deep.") from error
        if _depth(table) > DEPTH:
            raise RecipeError(f"{where} is not a recipe: it is nested too deep.")
        try:
            return _read(cls, {"name": name, **table}, "")
        except InkdigitsError as error:
            raise RecipeError(f"In {where}: {error}") from error

    @classmethod
    def from_dict(cls, table: Mapping[str, object], where: str) -> Self:
        """Return the recipe that `to_dict` gave; a sentence calls its place `where`.

        Raises
        ------
        RecipeError
            If it says something unknown or impossible.
        """
        try:
            return _read(cls, table, "")
        except (InkdigitsError, TypeError) as error:
            raise RecipeError(f"In the recipe of {where}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return every setting, as JSON and TOML know it."""
        table: dict[str, Any] = _plain(dataclasses.asdict(self))
        if self.published == Published():
            del table["published"]  # of interest only where there is something to say
        return table

    @property
    def task(self) -> str:
        """What is read: ``"symbols"``, ``"lines"`` or ``"pages"``."""
        return self.data.task

    @property
    def side(self) -> int | None:
        """Of the pictures that come out of the augmentation, in pixels; None: as went in."""
        return self.augmentation.canvas or None

    def check_symbols(self, what: str) -> None:
        """Refuse what there is for networks that read symbols alone.

        Raises
        ------
        RecipeError
            If this one reads something else.
        """
        if self.task != "symbols":
            raise RecipeError(
                f"{what} is for networks that read symbols, and {self.name} reads "
                f"{self.task}: name another."
            )

    def dump(self) -> str:
        """Return the recipe as TOML, every setting written out."""
        import tomlkit

        return tomlkit.dumps(self.to_dict())

    def with_settings(self, settings: Mapping[str, object]) -> Self:
        """Return a copy with some settings changed: ``{"training.epochs": 5}``.

        Raises
        ------
        RecipeError
            If a setting is unknown or its value impossible.
        """
        table = _plain(dataclasses.asdict(self))
        for path, value in settings.items():
            *sections, last = path.split(".")
            here = table
            for section in sections:
                if not isinstance(here.get(section), dict):
                    known = [name for name, value in here.items() if isinstance(value, dict)]
                    raise RecipeError(
                        f"A recipe has no section {section!r}; {nearest(section, known)}"
                    )
                here = here[section]
            here[last] = value
        return _read(type(self), table, "")

    def _repr_html_(self) -> str:
        own, usual = (_plain(dataclasses.asdict(recipe)) for recipe in (self, Recipe(self.name)))
        rows = [
            [section, notebook.settings(own[section], usual[section])]
            for section in own
            if section in MAIN or (section not in TOLD and own[section] != usual[section])
        ]
        return notebook.card(
            self.name,
            self.about,
            notebook.published(self.published.note),
            notebook.table(rows),
        )


def text_of(source: str | Path) -> str:
    """Return the TOML of a shipped recipe, comments and all, or of a file.

    Raises
    ------
    RecipeError
        If there is none.
    """
    path = Path(source)
    if path.suffix != ".toml":
        shipped = names()
        if str(source) not in shipped:
            raise RecipeError(f"Unknown recipe {str(source)!r}: {nearest(str(source), shipped)}")
        return _folder().joinpath(f"{source}.toml").read_text(encoding="utf-8")
    try:
        return read_text(path, LARGEST, "restore it, or name another recipe")
    except FileError as error:
        raise RecipeError(str(error)) from error


def parse_setting(text: str) -> tuple[str, object]:
    """Return setting and value of ``section.setting=value``; a value is TOML, or a plain word.

    Raises
    ------
    RecipeError
        If there is no ``=``.
    """
    setting, equals, value = text.partition("=")
    if not equals or not setting.strip():
        raise RecipeError(f"{text!r} is not a setting: write section.setting=value.")
    try:
        return setting.strip(), tomllib.loads(f"value = {value}")["value"]
    except ValueError:  # also of a number of thousands of digits
        return setting.strip(), value.strip()


def names() -> list[str]:
    """Names of the shipped recipes."""
    return sorted(
        file.name.removesuffix(".toml")
        for file in _folder().iterdir()
        if file.name.endswith(".toml")
    )


def _folder() -> Traversable:
    return resources.files("inkdigits") / "recipes"


def _read(kind: type[T], table: Mapping[str, object], section: str) -> T:
    """Build the dataclass `kind` from a table: nothing unknown, every type as declared."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        path = f"{section}.{key}" if section else key
        if key not in hints:
            raise RecipeError(
                f"{f'[{section}]' if section else 'a recipe'} has no setting {key!r}; "
                f"{nearest(key, hints)}"
            )
        values[key] = _value(hints[key], value, path)
    return kind(**values)


def _value(kind: Any, value: object, path: str) -> object:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        return _read(kind, value, path)
    if kind is float and type(value) is int:
        try:
            return float(value)
        except OverflowError as error:
            raise RecipeError(f"{path} must be a smaller number.") from error
    if get_origin(kind) is tuple and isinstance(value, (list, tuple)):
        parts = get_args(kind)
        if parts[1:] == (...,):  # of any length: what is in it, it says itself
            return tuple(_value(parts[0], item, path) for item in value)
        if len(parts) == len(value):
            return tuple(_value(part, item, path) for part, item in zip(parts, value, strict=True))
    elif kind is float and isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"{path} must be a finite number, not {value}.")
    # bool is an int to Python, not to a recipe: types are compared exactly.
    elif type(value) is kind or (get_origin(kind) is not None and isinstance(value, Mapping)):
        return value
    raise RecipeError(f"{path} must be {_spoken(kind)}, not {brief(value)}.")


def _spoken(kind: Any) -> str:
    if get_origin(kind) is tuple and ... in get_args(kind):
        return "a list of strings"
    if get_origin(kind) is tuple:
        return f"a list of {len(get_args(kind))} numbers"
    spoken = {int: "a whole number", float: "a number", str: "a string in quotes"}
    return spoken.get(kind, "a table")


def _dots(line: str) -> int:
    return line.count(".")


def _depth(value: object) -> int:
    """Return how deep tables and lists stand within one another, however deep that is."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            item
            for whole in level
            if isinstance(whole, (dict, list))
            for item in (whole.values() if isinstance(whole, dict) else whole)
        ]
    return depth


def _plain(value: Any) -> Any:
    """Turn mappings and tuples into the dicts and lists that TOML knows."""
    if isinstance(value, (dict, types.MappingProxyType)):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
