"""Networks of somebody's own: a class or function by its name, called, tried, and explained.

The name is ``module:Name``, or that of an entry point of the group `GROUP`. Importing a module runs
its code, so nothing here is called but to build a network.
"""

import copy
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InkdigitsError, RecipeError, nearest, printable
from .options import OPTIONS

GROUP = "inkdigits.networks"
LONGEST = 300  # characters of what an exception says
OURS = (Path(__file__).parents[1], Path(torch.__file__).parent, Path(importlib.__file__).parent)
FEW, SEVERAL = 1, 3  # pictures at a time that a network is tried with


class ForeignError(RecipeError):
    """What a network of somebody's own raised, as one sentence."""


def load(name: str) -> Callable[..., object]:
    """Import and return the class or function that makes the network `name`.

    Raises
    ------
    RecipeError
        If there is none.
    """
    module, _, attribute = _place(name).partition(":")
    try:
        with explained(name, f"when {module} was imported"):
            found: Any = importlib.import_module(module)
    except ForeignError as error:
        missing = error.__cause__
        if isinstance(missing, ModuleNotFoundError) and _leads_to(missing.name or "", module):
            raise RecipeError(
                f"The network {name!r} needs the module {missing.name}, which was not found: run "
                "inkdigits in its folder, add that folder to PYTHONPATH, or install it."
            ) from error
        raise
    where = getattr(found, "__file__", None)
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise RecipeError(
            f"The module {module}{f' ({_short(where)})' if where else ''} has no class or function "
            f"{attribute!r}: correct network.name, which is {name!r}."
        )
    return found  # type: ignore[no-any-return]


def construct(
    name: str, outputs: int, size: tuple[int, int], options: Mapping[str, object]
) -> nn.Module:
    """Return the module that ``Name(outputs=..., size=..., **options)`` gives.

    `size` is passed to what has a parameter of that name.

    Raises
    ------
    RecipeError
        If it cannot be called so, if it raises, or if it gives something else.
    """
    target = load(name)
    given: dict[str, Any] = {"outputs": outputs, **copy.deepcopy(dict(options))}
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):  # it does not say what it takes: calling it will show
        signature = None
    if signature is not None:
        if "size" in signature.parameters:
            given["size"] = size
        try:
            signature.bind(**given)
        except TypeError as error:
            raise RecipeError(
                f"The network {name!r} cannot be called with {', '.join(given)}: {error}. It must "
                "take outputs, and whatever network.options names."
            ) from error
    with explained(name, "when it was created"):
        found = target(**given)
    if not isinstance(found, nn.Module):
        raise RecipeError(
            f"{name!r} returned a {type(found).__name__}, not a torch.nn.Module: name a class or a "
            "function that returns one."
        )
    return found


def check(network: nn.Module, name: str, outputs: int, shapes: Sequence[tuple[int, ...]]) -> None:
    """Try a network with one picture and with several, as it reads and as it learns.

    Neither the random numbers that come after nor the state of the network are changed.

    Parameters
    ----------
    network
        As built, with what is put before and behind it.
    name
        Of it, for sentences.
    outputs
        How many logits it must give for each picture.
    shapes
        Of the pictures, ``(1, H, W)``.

    Raises
    ------
    RecipeError
        If it raises, or if it gives something else than finite logits that can be learned.
    """
    random = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]), torch.inference_mode(mode=False):
        for shape in shapes:
            few, several = (torch.rand(count, *shape, generator=random) for count in (FEW, SEVERAL))
            network.eval()
            with torch.no_grad():
                _check_logits(network(few), name, FEW, outputs)
                _check_logits(network(several), name, SEVERAL, outputs)
            _check_learning(network, name, several, outputs)
    for key, value in network.state_dict().items():
        if not isinstance(value, Tensor):
            raise RecipeError(
                f"The network {name!r} has {key!r} in its state_dict, which is not a tensor and "
                "cannot be saved: leave it out."
            )


def _check_learning(network: nn.Module, name: str, pictures: Tensor, outputs: int) -> None:
    if not any(weight.requires_grad for weight in network.parameters()):
        raise RecipeError(f"The network {name!r} has no parameters: there is nothing to train.")
    kept = {key: buffer.clone() for key, buffer in network.named_buffers()}
    network.train()
    with torch.enable_grad():
        found = network(pictures)
        _check_logits(found, name, len(pictures), outputs)
        if not found.requires_grad:
            raise RecipeError(
                f"The outputs of the network {name!r} do not depend on its parameters, so nothing "
                "can be learned: remove detach() and no_grad()."
            )
        with explained(name, "in the backward pass"):
            found.float().sum().backward()
    network.zero_grad(set_to_none=True)
    with torch.no_grad():
        for key, buffer in network.named_buffers():
            if key in kept and buffer.shape == kept[key].shape:
                buffer.copy_(kept[key])


def _check_logits(found: object, name: str, count: int, outputs: int) -> None:
    wanted = f"it must give logits, a tensor of floats of the shape ({count}, {outputs})"
    pictures = f"{count} picture{'s' if count > 1 else ''}"
    if not isinstance(found, Tensor):
        gives = f"a {type(found).__name__}"
    elif not found.is_floating_point():
        gives = f"a tensor of {str(found.dtype).removeprefix('torch.')}"
    elif found.shape != (count, outputs):
        gives = f"a tensor of the shape {tuple(found.shape)}"
    elif not bool(found.isfinite().all()):
        gives = "values that are not finite numbers"
    else:
        return
    raise RecipeError(f"The network {name!r} gives {gives} for {pictures}: {wanted}.")


@contextmanager
def explained(name: str, when: str) -> Iterator[None]:
    """Make one sentence of whatever foreign code raises within.

    Raises
    ------
    ForeignError
        With the kind of the exception, what it says, and the line of the foreign module.
    """
    try:
        yield
    except InkdigitsError:
        raise
    except (Exception, SystemExit) as error:
        where = _line(error, _place(name).partition(":")[0])
        text = _text(error)
        raise ForeignError(
            f"The network {name!r} raised {type(error).__name__} {when}"
            f"{f', in {where}' if where else ''}{f': {text}' if text else ''}. "
            "Correct it there, and try again."
        ) from error


def _place(name: str) -> str:
    """Return ``module:Name`` of a network, which may be called by an entry point."""
    if ":" in name:
        return name
    points = {point.name: point.value for point in entry_points(group=GROUP)}
    if name not in points:
        raise RecipeError(
            f"Unknown network {name!r}; {nearest(name, [*OPTIONS, *points])} Name a network of "
            "your own as module:Name."
        )
    return points[name].partition("[")[0].strip()


def _leads_to(missing: str, module: str) -> bool:
    return f"{module}.".startswith(f"{missing}.")


def _text(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the exception is foreign as well
        return ""
    return printable(text[:LONGEST]).rstrip(".")


def _line(error: BaseException, module: str) -> str:
    """Return ``file:line`` of the foreign code that raised `error`: its deepest line there."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename)}:{error.lineno}"
    lines = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith("<")
    ]
    top = sys.modules.get(module.partition(".")[0])
    homes = [Path(home) for home in getattr(top, "__path__", ())]
    homes = homes or [Path(getattr(top, "__file__", None) or "")]
    theirs = [line for line in lines if any(Path(line[0]).is_relative_to(home) for home in homes)]
    if theirs and homes != [Path()]:
        file, number = theirs[-1]
    else:
        others = [line for line in lines if not any(Path(line[0]).is_relative_to(o) for o in OURS)]
        if not others:
            return ""
        file, number = others[0]
    return f"{_short(file)}:{number}"


def _short(file: str) -> str:
    """Return a file as it lies below where modules are looked for: nothing more of this machine."""
    path = Path(file)
    homes = [home for home in map(Path, sys.path) if path.is_relative_to(home.absolute())]
    home = max(homes, key=lambda one: len(one.absolute().parts), default=path.parent)
    return path.relative_to(home.absolute()).as_posix()
