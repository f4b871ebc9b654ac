"""What a search varies: settings of a recipe, each with a range or with a few choices.

How they are tried, and what they are judged by, is for `search`.
"""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import networks
from ..augmentation.warps import LIMITS
from ..errors import RecipeError
from ..training.optimiser import MAX_DECAY
from ..training.recipe import Recipe

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

LARGEST = 1e15  # of a range's ends: whole numbers and fractions are still the same thing there
TIMES = 3.2  # a third to three times; from a tenth of the upper end on, a scale is logarithmic
# What all trials share, or their figures could not be compared; a seed would only be a lucky one.
FIXED = ("name", "about", "data", "published", "distil", "training.epochs", "training.seed")

Raw = float | int | str  # what is drawn and kept on disk; a choice is kept as its text


@dataclass(frozen=True)
class Range:
    """A number between two ends, both included."""

    setting: str
    low: float
    high: float
    whole: bool  # whether it is an int

    @property
    def log(self) -> bool:
        """Whether it is drawn on a log scale: where the ends are a factor of ten apart, or more."""
        return self.low > 0 and self.high >= 10 * self.low

    @property
    def ends(self) -> tuple[object, ...]:
        """The values that must be possible for the range to be."""
        return self.low, self.high

    def distribution(self) -> "BaseDistribution":
        """Return the range as Optuna draws from it."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def value(self, raw: Raw) -> object:
        """Return what is trained with: three digits are enough, and stay legible in a recipe."""
        if self.whole:
            return int(raw)
        drawn = float(raw)
        if self.log:
            near = float(f"{drawn:.3g}")
        else:
            near = round(drawn, 3 - math.floor(math.log10(self.high - self.low)))
        return min(max(near, self.low), self.high)

    def raw(self, value: object) -> Raw | None:
        """Return `value` as it would have been drawn, or None if it could not have been."""
        inside = isinstance(value, (int, float)) and self.low <= value <= self.high
        return value if inside and isinstance(value, (int, float)) else None

    def __str__(self) -> str:
        return f"{self.setting}={self.low!r}..{self.high!r}"


@dataclass(frozen=True)
class Choice:
    """One of a few values, of any kind that a setting can have."""

    setting: str
    texts: tuple[str, ...]  # of the values; JSON, which is TOML too

    @property
    def ends(self) -> tuple[object, ...]:
        """The values, all of which must be possible."""
        return tuple(json.loads(text) for text in self.texts)

    def distribution(self) -> "BaseDistribution":
        """Return the choice as Optuna draws from it."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.texts)

    def value(self, raw: Raw) -> object:
        """Return what is trained with."""
        return json.loads(str(raw))

    def raw(self, value: object) -> Raw | None:
        """Return `value` as it would have been drawn, or None if it is no choice."""
        return next((text for text in self.texts if json.loads(text) == value), None)

    def __str__(self) -> str:
        return f"{self.setting}={','.join(self.texts)}"


Axis = Range | Choice


def space(recipe: Recipe, vary: Sequence[str] = ()) -> tuple[Axis, ...]:
    """Return what to vary of `recipe`: what the texts `vary` say, by default `around` it.

    Raises
    ------
    RecipeError
        If a text says nothing, or if a setting or either end of a range is impossible.
    """
    axes = tuple(parse(text, recipe) for text in vary) or around(recipe)
    settings = [axis.setting for axis in axes]
    for setting in settings:
        if settings.count(setting) > 1:
            raise RecipeError(f"{setting} is varied twice: give it one range or one list.")
    return axes


def parse(text: str, recipe: Recipe) -> Axis:
    """Return what ``setting=low..high`` or ``setting=a,b,c`` varies.

    Choices are TOML values or plain words between commas, lists among them:
    ``network.options.stages=[[16],[32]],[[32],[64]]`` are two.

    Raises
    ------
    RecipeError
        If it says nothing, or something that `recipe` cannot be trained with.
    """
    setting, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not setting:
        raise RecipeError(
            f"{text!r} varies nothing: write section.setting=low..high or section.setting=a,b,c."
        )
    if any(setting == fixed or setting.startswith(f"{fixed}.") for fixed in FIXED):
        raise RecipeError(
            f"{setting} cannot be varied: all trials share digits, epochs and seeds, "
            "or they could not be compared."
        )
    low, dots, high = values.partition("..")
    ranged = dots and not set(values) & set(",[]\"'")
    axis = _range(setting, low, high, recipe) if ranged else _choice(setting, values)
    for value in axis.ends:
        trial = recipe.with_settings({setting: value})
        if setting.startswith("network."):
            networks.build(trial.network, trial.alphabet, trial.side)
    return axis


def around(recipe: Recipe) -> tuple[Axis, ...]:
    """Return the space about a recipe: what of it usually matters, a few times either way.

    The rate and a weight decay from a third to three times; label smoothing; the warm-up of a
    one-cycle; averaging of the weights, which is a choice; and each warp that the recipe has, from
    none to twice as much.
    """
    training, decay = recipe.training, recipe.optimiser.weight_decay
    axes: list[Axis] = [_about("optimiser.rate", recipe.optimiser.rate, 99.0)]
    if decay:
        axes.append(_about("optimiser.weight_decay", decay, MAX_DECAY))
    elif recipe.optimiser.name == "adamw":
        axes.append(Range("optimiser.weight_decay", 0.0, 0.1, whole=False))
    smoothing = min(max(0.1, 2 * training.label_smoothing), 0.99)
    axes.append(Range("training.label_smoothing", 0.0, smoothing, whole=False))
    if recipe.schedule.name == "one-cycle":
        warmup = recipe.schedule.warmup
        low, high = min(0.05, warmup), max(0.5, warmup)
        axes.append(Range("schedule.warmup", low, high, whole=False))
    decays = sorted({0.0, 0.99, 0.999, training.averaging})
    axes.append(Choice("training.averaging", tuple(json.dumps(value) for value in decays)))
    for name in ("rotation", "scale", "stretch", "shear", "shift", "elastic"):
        if value := getattr(recipe.augmentation, name):
            high = float(min(2 * value, LIMITS[name][1]))
            axes.append(Range(f"augmentation.{name}", 0.0, high, whole=False))
    return tuple(axes)


def own(recipe: Recipe, axes: Sequence[Axis]) -> dict[str, object] | None:
    """Return the values that `recipe` itself has, or None if it lies outside the space."""
    table = tomllib.loads(recipe.dump())
    values = {axis.setting: _at(table, axis.setting) for axis in axes}
    inside = all(axis.raw(values[axis.setting]) is not None for axis in axes)
    return values if inside else None


def _about(setting: str, value: float, most: float) -> Range:
    low, high = (float(f"{end:.3g}") for end in (value / TIMES, min(value * TIMES, most)))
    return Range(setting, low, high, whole=False)


def _range(setting: str, low: str, high: str, recipe: Recipe) -> Range:
    ends: list[float] = []
    for text in (low, high):
        value = _toml(text)
        if type(value) not in (int, float) or not abs(value) <= LARGEST:
            raise RecipeError(
                f"{setting} varies from {low.strip()!r} to {high.strip()!r}: a range is two "
                "numbers, as in optimiser.rate=0.001..0.05."
            )
        ends.append(value)
    if ends[0] >= ends[1]:
        raise RecipeError(f"{setting} varies from {low} to {high}: write the lower end first.")
    table = tomllib.loads(recipe.dump())
    now = _at(table, setting)
    whole = type(now) is int or (now is None and all(type(end) is int for end in ends))
    lower, upper = ends if whole else map(float, ends)
    return Range(setting, lower, upper, whole)


def _choice(setting: str, values: str) -> Choice:
    # What stands between commas is a TOML list without its brackets; plain words are none.
    found = _toml(f"[{values}]")
    if found is None:
        found = [_word(setting, word.strip()) for word in values.split(",")]
    try:
        texts = [json.dumps(value, ensure_ascii=False, allow_nan=False) for value in found]
    except (TypeError, ValueError) as error:
        raise RecipeError(f"{setting} cannot be one of {values}: {error}.") from error
    if len(set(texts)) < 2 or any(isinstance(value, dict) for value in found):
        raise RecipeError(
            f"{setting}={values} leaves nothing to choose: write a range, low..high, or two "
            "values or more, a,b,c."
        )
    return Choice(setting, tuple(dict.fromkeys(texts)))


def _word(setting: str, word: str) -> object:
    value = _toml(word)
    if value is not None:
        return value
    if not word or set(word) & set("[]{}\"'="):
        raise RecipeError(
            f"{setting} cannot be read from {word!r}: choices are words, numbers or TOML lists "
            "between commas."
        )
    return word


def _toml(text: str) -> Any:
    """Return the value that `text` is in TOML, or None: TOML has no such value of its own."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return None


def _at(table: Mapping[str, Any], setting: str) -> Any:
    here: Any = table
    for name in setting.split("."):
        here = here.get(name) if isinstance(here, Mapping) else None
    return here
