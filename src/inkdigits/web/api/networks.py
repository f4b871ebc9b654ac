"""Networks over HTTP: their weights, what layers make of a digit, and which pixels mattered."""

import asyncio
import base64
import json
import math
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ...alphabet import Alphabet
from ...errors import InkdigitsError, PictureError
from ...models.bundle import WEIGHTS, Bundle
from ...recognition.recogniser import Recogniser
from ..run_store import RunStore, report_damage
from ..schemas import LAB
from ..settings import Settings
from ..worker_pool import BusyError

if TYPE_CHECKING:
    from torch import nn

    from ...inspection import Layer
    from ...networks import NetworkSettings
    from ...training.run import Run

router = APIRouter(prefix="/api", tags=["inside"])
SHIPPED = "_shipped"  # no run's name begins so
MEMBER = "+"  # between the name of an ensemble and the number of a network in it; in no run's name
SIDE = 28
TURNS = 2  # that may ask at a time which pixels matter
WAIT = 10.0  # seconds for a turn
COVERS = {"paper": 0.0, "grey": 0.5}
TENSORS: dict[int | str, dict[str, Any]] = {
    **LAB,
    200: {
        "description": "A safetensors file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "784 bytes: 28×28 pixels, 0 for paper to 255 for ink.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

NetworkName = Annotated[str, InPath(description="Name of the network, as /api/networks has it.")]


class Opened(NamedTuple):
    """A network, what its logits are divided by, and what its outputs mean."""

    network: "nn.Module"
    temperature: float
    alphabet: Alphabet


class Network(BaseModel):
    """A network that can be looked into."""

    name: str
    title: str
    recipe: str
    parameters: int = Field(description="Number of trainable parameters.")
    classes: int = Field(description="Number of outputs: one per symbol and per reject class.")
    symbols: list[str] = Field(description="Its symbols, in the order of its outputs.")
    accuracy: float | None = Field(description="Test accuracy, if it was evaluated.")


class TestDigit(BaseModel):
    """A test digit."""

    of: str
    index: int
    count: int = Field(description="Number of test digits.")
    label: int
    pixels: str = Field(description="784 bytes in base64.")


async def picture(request: Request) -> npt.NDArray[np.uint8]:
    """Return the digit that a request brings."""
    content = await request.body()
    if len(content) != SIDE**2:
        raise PictureError(
            f"A digit has {SIDE**2} bytes, one per pixel, and {len(content)} were sent: "
            "send the network_input of a reading."
        )
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE).copy()


Picture = Annotated[npt.NDArray[np.uint8], Depends(picture)]


async def turn(_: Picture, request: Request) -> AsyncIterator[None]:
    """Let few at a time ask why, which is a thousand times the work of a look.

    Whoever waits has sent a picture, and holds no thread: pages are answered meanwhile.
    """
    turns: asyncio.Semaphore = request.app.state.turns
    try:
        async with asyncio.timeout(WAIT):
            await turns.acquire()
    except TimeoutError as error:
        raise BusyError("Too many attributions are requested: try again in a second.") from error
    try:
        yield
    finally:
        turns.release()


@router.get("/networks", responses=LAB)
def networks(request: Request) -> list[Network]:
    """List the networks to look into: the recogniser's, and those of runs with weights."""
    found = [*_shipped(request)]
    for run in RunStore.of(request).runs().values():
        try:
            with report_damage(run):
                found += _of(run) if _can_be_drawn_for(run.recipe.network) else []
        except InkdigitsError:  # the list of runs says what is wrong with it
            continue
    return found


@router.get("/networks/{name}/weights", responses=TENSORS, response_class=Response)
def weights(name: NetworkName, request: Request) -> Response:
    """Return the parameters of a network.

    The tensors are ``INDEX.weight`` and ``INDEX.bias``, for batch normalisation also
    ``INDEX.mean`` and ``INDEX.variance``; ``layers`` in the metadata describes each layer.
    """
    from ...inspection import layers

    network = _network(name, request).network
    steps = layers(network)
    tensors = {
        f"{step.index}.{part}": tensor.numpy()
        for step in steps
        for part, tensor in step.tensors.items()
    }
    return _tensors(tensors, layers=_layer_list(steps))


@router.post("/networks/{name}/look", responses=TENSORS, response_class=Response,
             openapi_extra=BODY)  # fmt: skip
def look(name: NetworkName, digit: Picture, request: Request) -> Response:
    """Return the output of each layer for a digit: tensors ``input`` and ``INDEX``.

    In the metadata, as JSON: ``layers``, ``logits``, ``temperature`` (what the logits are divided
    by), ``alphabet``, ``probabilities``, ``no_symbol`` and ``several_symbols``; for the network of
    the recogniser also ``difference``: the largest between a probability here and one by its
    quantised file.
    """
    from ...inspection.trace import shares, trace

    network, temperature, alphabet = opened = _network(name, request)
    found = trace(network, digit)
    probabilities, no_symbol, several = shares(found.logits, alphabet, temperature)
    metadata = {
        "layers": _layer_list(found.layers),
        "logits": found.logits.tolist(),
        "temperature": temperature,
        "probabilities": probabilities.tolist(),
        "alphabet": alphabet.to_dict(),
        "no_symbol": no_symbol,
        "several_symbols": several,
    }
    if name == SHIPPED:
        metadata["difference"] = _difference(request, opened, digit)
    outputs = {str(index): values.numpy() for index, values in enumerate(found.outputs)}
    return _tensors({"input": found.input.numpy(), **outputs}, **metadata)


@router.post("/networks/{name}/why", responses=TENSORS, response_class=Response,
             openapi_extra=BODY, dependencies=[Depends(turn)])  # fmt: skip
def why(
    name: NetworkName,
    digit: Picture,
    request: Request,
    of: Annotated[int, Query(alias="digit", ge=0, description="Index of the class.")],
    cover: Annotated[
        Literal["paper", "grey"], Query(description="Colour of the patch that covers pixels.")
    ] = "paper",
) -> Response:
    """Return which pixels matter for a class: tensors ``occlusion`` and ``gradients``, 28×28.

    ``occlusion`` is the drop in the log-odds of the class where a patch covers the picture;
    ``gradients`` are integrated gradients of its logit, from blank paper. The metadata describes
    both, as JSON.
    """
    from ...inspection import attribution

    network, temperature, alphabet = _network(name, request)
    if of >= len(alphabet.symbols):
        raise HTTPException(
            422, f"{name} has no symbol {of}: choose one from 0 to {len(alphabet.symbols) - 1}."
        )
    covered = attribution.occlusion(
        network, digit, of, cover=COVERS[cover], temperature=temperature
    )
    grown = attribution.integrated_gradients(network, digit, of)
    return _tensors(
        {"occlusion": covered.fall.numpy(), "gradients": grown.parts.numpy()},
        digit=of,
        occlusion={
            "shows": "the mean drop in the log-odds over all patches that cover the pixel",
            "patch": attribution.PATCH,
            "cover": cover,
            "log_odds": covered.log_odds,
        },
        gradients={
            "shows": "the pixel's part of the logit, by integrated gradients from blank paper",
            "logit": grown.logit,
            "blank": grown.blank,
            "gap": grown.gap,
            "steps": grown.steps,
        },
    )


@router.get("/test-digits/{index}", responses=LAB)
def test_digit(
    index: Annotated[int, InPath(description="Index of the test digit, from 0.")],
    request: Request,
    of: Annotated[Literal["mnist", "synthetic"], Query(description="The data set.")] = "mnist",
) -> TestDigit:
    """Return a test digit: of MNIST, or a synthetic one."""
    digits = RunStore.of(request).test_split(of)
    if not 0 <= index < len(digits):
        raise HTTPException(
            404, f"There is no test digit {index}: choose one from 0 to {len(digits) - 1}."
        )
    return TestDigit(
        of=of,
        index=index,
        count=len(digits),
        label=int(digits.labels[index]),
        pixels=base64.b64encode(digits.images[index].tobytes()).decode(),
    )


def _network(name: str, request: Request) -> Opened:
    """Return the network called `name`."""
    if name == SHIPPED:
        return _shipped_network(request)
    wanted, _, member = name.partition(MEMBER)
    runs = RunStore.of(request).runs()
    if wanted not in runs:
        raise HTTPException(404, f"There is no network {name!r}: /api/networks lists them.")
    run = runs[wanted]
    with report_damage(run):
        temperatures, settings = _temperatures(run), run.recipe.network
    if not _can_be_drawn_for(settings):
        height, width = settings.size
        raise HTTPException(
            404,
            f"{wanted} takes {settings.task} of {height}×{width} pixels, and the page draws digits "
            f"of {SIDE}×{SIDE}: look into it in Python, by inkdigits.inspection.trace.",
        )
    if not temperatures:
        if member:
            raise HTTPException(404, f"{wanted} is no ensemble: choose {wanted!r} itself.")
        return Opened(_opened(run.path, run.progress.best_digest), 1.0, run.recipe.alphabet)
    if member not in (numbers := [str(at + 1) for at in range(len(temperatures))]):
        raise HTTPException(
            404,
            f"{wanted} is an ensemble of {len(numbers)} networks: choose one of "
            f"{', '.join(wanted + MEMBER + number for number in numbers)}.",
        )
    at = int(member) - 1
    body: Any = _opened(run.path, run.progress.best_digest).get_submodule("body")
    return Opened(body.members[at], temperatures[at], run.recipe.alphabet)


@lru_cache(maxsize=6)  # the digest is a part of the key: new weights are opened anew
def _opened(path: Path, digest: str) -> "nn.Module":  # noqa: ARG001
    from ...training.run import Run

    return Run(path).network().requires_grad_(False)


def _shipped_network(request: Request) -> Opened:
    """Return the network of the recogniser that reads, from the model that it belongs to."""
    recogniser: Recogniser = request.app.state.recogniser
    if recogniser.bundle is None:
        raise HTTPException(
            404,
            f"{recogniser.name} is an ONNX file without the weights of its network: choose a "
            "model or a run.",
        )
    if not _is_drawn(recogniser.bundle):
        raise HTTPException(404, f"{recogniser.name} does not take digits of {SIDE}×{SIDE} pixels.")
    network = _of_bundle(recogniser.bundle.folder, recogniser.bundle.digests[WEIGHTS])
    temperature = recogniser.bundle.temperature or recogniser.temperature or 1.0
    return Opened(network, temperature, recogniser.alphabet)


@lru_cache(maxsize=2)  # the digest is a part of the key here too
def _of_bundle(folder: Path, digest: str) -> "nn.Module":  # noqa: ARG001
    from ...training.pretrained import Pretrained

    return Pretrained.of(Bundle.open(folder)).network().requires_grad_(False)


def _shipped(request: Request) -> Iterator[Network]:
    from ...training.weights import header

    recogniser: Recogniser = request.app.state.recogniser
    bundle, alphabet = recogniser.bundle, recogniser.alphabet
    if bundle is None or bundle.folder is None or not _is_drawn(bundle):
        return
    settings: Settings = request.app.state.settings
    whose = "The shipped" if settings.recogniser is None else "The server's"
    yield Network(
        name=SHIPPED,
        title=f"{whose} recogniser",
        recipe=recogniser.card.get("recipe", ""),
        parameters=sum(_sizes(header(bundle.folder / WEIGHTS)).values()),
        classes=len(alphabet),
        symbols=[*alphabet.symbols],
        accuracy=None,
    )


def _of(run: "Run") -> Iterator[Network]:
    """Yield what can be looked into of a run; its weights are not read, only what they are."""
    from ...training.checkpoint import LAST
    from ...training.weights import header, under

    if run.best is None:
        return
    learned = under(header(run.path / LAST), "network")
    name, sizes, temperatures = run.path.name, _sizes(learned), _temperatures(run)
    figures = {} if temperatures else run.figures
    # Of an ensemble each member, else the one network that there is.
    parts = [f"body.members.{at}." for at in range(len(temperatures))] or [""]
    for number, part in enumerate(parts, start=1):
        yield Network(
            name=f"{name}{MEMBER}{number}" if temperatures else name,
            title=f"{name}, member {number} of {len(parts)}" if temperatures else name,
            recipe=run.recipe.name,
            parameters=(run.parameters if run.recipe.network.is_own else None)
            or sum(size for tensor, size in sizes.items() if tensor.startswith(part)),
            classes=len(run.recipe.alphabet),
            symbols=[*run.recipe.alphabet.symbols],
            accuracy=figures.get("accuracy", {}).get("value"),
        )


def _is_drawn(bundle: Bundle) -> bool:
    """Whether the network of a model reads digits of the size in which the page draws them."""
    network = bundle.recipe.get("network")
    size = network.get("size") if isinstance(network, dict) else None
    return size is None or size == [SIDE, SIDE]


def _can_be_drawn_for(network: "NetworkSettings") -> bool:
    """Whether a network reads symbols of the size in which the page draws them."""
    return network.task == "symbols" and network.size == (SIDE, SIDE)


def _temperatures(run: "Run") -> list[float]:
    """Return what an ensemble divides each member's logits by; nothing for other runs."""
    if run.recipe.network.name != "ensemble":
        return []
    found = run.recipe.network.options["temperatures"]
    return [float(one) for one in found] if isinstance(found, Sequence) else []


def _sizes(header: Mapping[str, Any]) -> dict[str, int]:
    """Return how many numbers each learned tensor has that the header of a file names."""
    learned = (".weight", ".bias")
    return {
        name: math.prod(entry["shape"]) for name, entry in header.items() if name.endswith(learned)
    }


def _difference(request: Request, opened: Opened, digit: npt.NDArray[np.uint8]) -> float:
    """Return how far the file's own answer is: on the picture that it saw, as it frames again."""
    from ...inspection.trace import shares, trace

    answers = request.app.state.recogniser.read(digit[None].astype(np.float32) / 255)
    logits = trace(opened.network, answers.network_input[0]).logits
    ours, _, _ = shares(logits, opened.alphabet, opened.temperature)
    return float(np.abs(ours.numpy() - answers.probabilities[0]).max())


def _layer_list(steps: "Sequence[Layer]") -> list[dict[str, Any]]:
    return [step.as_dict() for step in steps]


def _tensors(tensors: dict[str, npt.NDArray[Any]], **described: object) -> Response:
    from safetensors.numpy import save

    whole = {name: np.ascontiguousarray(values, np.float32) for name, values in tensors.items()}
    metadata = {name: json.dumps(value) for name, value in described.items()}
    return Response(save(whole, metadata), media_type="application/octet-stream")
