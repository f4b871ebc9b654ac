"""The bundle: a folder with a trained network and all that is known of it.

``model.json`` says what it is; ``weights.safetensors`` holds what it has learned; ``model.onnx``,
which `inkdigits export` makes of both, is what reads. A finished run is such a folder.

Reading loads neither PyTorch nor the weights: what needs no more than ``model.onnx`` opens no more.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, Self

from ..alphabet import Alphabet
from ..errors import AlphabetError, FileError, RecogniserError, nearest
from ..files import parse_json, read_bytes, remove, write_bytes, write_text
from .contract import (
    INTERFACES,
    LINE_HEIGHT,
    LINES,
    PAGE_MULTIPLE,
    PAGES,
    RANGE,
    SIDE,
    SYMBOLS,
)

SCHEMA = 1
JSON, WEIGHTS, ONNX, CARD = "model.json", "weights.safetensors", "model.onnx", "card.md"
LARGEST = {JSON: 4_000_000, WEIGHTS: 1_000_000_000, ONNX: 50_000_000}  # bytes
MODELS = Path(__file__).parent  # of the shipped ones
SHIPPED = "reader"  # the one that reads, unless another is named
FRAMING: dict[str, dict[str, Any]] = {
    SYMBOLS: {
        "framing": "inside the network's graph: ink of any size is brought to the size below",
        "size": [SIDE, SIDE],
    },
    LINES: {"framing": "one line, scaled to the height below", "height": LINE_HEIGHT},
    PAGES: {"framing": "sides are multiples of the number below", "multiple": PAGE_MULTIPLE},
}
UNFRAMED = "none: pictures of exactly the size below"


@dataclass(frozen=True)
class Bundle:
    """A trained network and what is known of it. Find one with `Bundle.open`.

    Attributes
    ----------
    name
        What to call it.
    recipe
        Every setting that it was trained by, as tables.
    alphabet
        What its outputs mean.
    task
        What it reads: ``"symbols"``, ``"lines"`` or ``"pages"``.
    framed
        Whether its graph frames ink; if not, it takes pictures of exactly its size.
    temperature
        What its logits are divided by; None before it was calibrated.
    precision
        In what its ONNX file reckons, ``"float32"`` or ``"int8"``; empty where there is none.
    figures
        What it scored, by what it was judged on.
    versions
        Of the packages that it was trained with.
    licence
        Under which it may be used; empty where nobody said.
    init
        Name and digest of the weights that it was trained from; empty if from chance.
    digests
        SHA-256 of its files, by their names.
    folder
        Where it lies; None before it is written.
    """

    name: str
    recipe: Mapping[str, Any]
    alphabet: Alphabet
    task: str = SYMBOLS
    framed: bool = True
    temperature: float | None = None
    precision: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    init: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @classmethod
    def open(cls, where: str | Path) -> Self:
        """Return the bundle in a folder, or a shipped one by its name.

        Raises
        ------
        RecogniserError
            If there is none, or if its ``model.json`` is damaged. The other files are checked when
            they are read.
        """
        folder = find(where)
        path = folder / JSON
        try:
            table = parse_json(_read(path, LARGEST[JSON]))
        except ValueError as error:
            raise RecogniserError(
                f"{path} is damaged: restore it, or export the run again."
            ) from error
        return replace(cls.from_dict(table, str(path)), folder=folder)

    @classmethod
    def from_dict(cls, table: object, where: str) -> Self:
        """Return what `to_dict` gave; sentences call it `where`.

        Raises
        ------
        RecogniserError
            If it is no description of a bundle.
        """
        checked = _Checked(table, where)
        schema = checked.get("schema", int, None)
        if schema != SCHEMA:
            raise RecogniserError(
                f"{where} has schema {schema}, and this version supports {SCHEMA} only: export the "
                "run again."
            )
        temperature = checked.get("temperature", float, None, allow_none=True)
        if temperature is not None and not 0 < temperature < math.inf:
            checked.fail("temperature")
        digests = checked.texts("files")
        if WEIGHTS not in digests or not all(map(_is_digest, digests.values())):
            checked.fail("files")
        try:
            alphabet = Alphabet.from_dict(checked.get("alphabet", dict, None))
        except AlphabetError as error:
            raise RecogniserError(f"In {where}: {error}") from error
        task = checked.get("task", str, SYMBOLS)
        if task not in INTERFACES:
            checked.fail("task")
        recipe, preprocessing = (
            checked.get(key, dict, None) for key in ("recipe", "preprocessing")
        )
        framed = preprocessing.get("framing") != UNFRAMED
        if preprocessing != _preprocessing(task, recipe, framed):
            checked.fail("preprocessing")
        return cls(
            name=checked.get("name", str, None),
            recipe=recipe,
            alphabet=alphabet,
            task=task,
            framed=framed,
            temperature=temperature,
            precision=checked.get("precision", str, ""),
            figures=checked.get("figures", dict, {}),
            versions=checked.texts("versions"),
            licence=checked.get("licence", str, ""),
            init=checked.texts("init"),
            digests=digests,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the description as JSON knows it."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "task": self.task,
            "alphabet": self.alphabet.to_dict(),
            "preprocessing": _preprocessing(self.task, self.recipe, self.framed),
            "temperature": self.temperature,
            "precision": self.precision,
            "figures": dict(self.figures),
            "licence": self.licence,
            "versions": dict(self.versions),
            "init": dict(self.init),
            "files": dict(self.digests),
            "recipe": dict(self.recipe),
        }

    @property
    def has_onnx(self) -> bool:
        """Whether there is a file to read with."""
        return ONNX in self.digests

    @property
    def weights(self) -> bytes:
        """The safetensors file.

        Raises
        ------
        RecogniserError
            If it is missing, or not the one that ``model.json`` tells of.
        """
        return self._file(WEIGHTS)

    @property
    def onnx(self) -> bytes:
        """The ONNX file.

        Raises
        ------
        RecogniserError
            If there is none, or if it is not the one that ``model.json`` tells of.
        """
        if not self.has_onnx:
            raise RecogniserError(
                f"{self._place} has no {ONNX}: make one with `inkdigits export {self._place}`."
            )
        return self._file(ONNX)

    def write(
        self, folder: Path, weights: bytes, onnx: bytes | None = None, card: str = ""
    ) -> "Bundle":
        """Write the bundle into `folder`, and return it as it lies there.

        ``model.json`` goes first and comes last, so no crash leaves one that tells of other files
        than there are. `card` is for people, in Markdown.

        Raises
        ------
        FileError
            If the folder cannot be written.
        """
        files = {WEIGHTS: weights} | ({} if onnx is None else {ONNX: onnx})
        digests = {name: digest(content) for name, content in files.items()}
        written = replace(self, digests=digests, folder=folder)
        unseal(folder)
        for name, content in files.items():
            if not _holds(folder / name, content):
                write_bytes(folder / name, content)
        if onnx is None:
            remove(folder / ONNX)  # it is of other weights
        if card:
            write_text(folder / CARD, card)
        text = json.dumps(written.to_dict(), indent=1, ensure_ascii=False)
        write_text(folder / JSON, text + "\n")
        return written

    @property
    def _place(self) -> str:
        return self.name if self.folder is None else str(self.folder)

    def _file(self, name: str) -> bytes:
        if self.folder is None:
            raise RecogniserError(f"The bundle {self.name} is in no folder yet: write it first.")
        content = _read(self.folder / name, LARGEST[name])
        if digest(content) != self.digests[name]:
            raise RecogniserError(
                f"{self.folder / name} is not the file described in {JSON} (its checksum differs): "
                "export it again, or restore it."
            )
        return content


def shipped_folder(name: str) -> Path:
    """Return the folder of a model that comes along, whatever lies in the current folder.

    Raises
    ------
    RecogniserError
        If none of that name does.
    """
    known = names()
    if name not in known:
        raise RecogniserError(
            f"Unknown model {name!r}, and no folder has that path; {nearest(name, known)}"
        )
    return MODELS / name


def find(where: str | Path) -> Path:
    """Return the folder of the bundle called or at `where`.

    Raises
    ------
    RecogniserError
        If there is none.
    """
    folder = Path(where)
    if (folder / JSON).is_file():
        return folder
    if folder.is_dir():
        raise RecogniserError(
            f"{where} has no {JSON}: finish its training, or make one with "
            f"`inkdigits export {where}`."
        )
    return shipped_folder(str(where))


def opened(where: str | Path, what: str) -> "tuple[bytes, Bundle | None]":
    """Return an ONNX file, and the model that it belongs to; None of a lone file.

    Parameters
    ----------
    where
        The folder of a model or a run, the name of a shipped one, or an .onnx file.
    what
        What it is to be, in a sentence: ``"recogniser"``.

    Raises
    ------
    RecogniserError
        If there is none, or if it cannot be read.
    """
    path = Path(where)
    try:
        if path.is_dir() or str(path) in names():
            bundle = Bundle.open(path)
            return bundle.onnx, bundle
        hint = f"name a {what}: an .onnx file, a model or a run"
        return read_bytes(path, LARGEST[ONNX], hint), None
    except FileError as error:
        raise RecogniserError(str(error)) from error
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise RecogniserError(
            f"Cannot read the {what} {path}: {cause}; name an .onnx file, a model or a run."
        ) from error


def check_alphabet(alphabet: Alphabet, bundle: Bundle | None) -> None:
    """Refuse an ONNX file that says other things than its model.

    Raises
    ------
    RecogniserError
        If it does.
    """
    if bundle is not None and alphabet != bundle.alphabet:
        where = (bundle.folder or Path()) / ONNX
        raise RecogniserError(f"{where} does not have the alphabet of its model: export it again.")


def names() -> list[str]:
    """Names of the shipped bundles."""
    return sorted(path.parent.name for path in MODELS.glob(f"*/{JSON}"))


def unseal(folder: Path) -> None:
    """Take ``model.json`` away, as the files that it tells of are about to change.

    Raises
    ------
    FileError
        If it cannot be removed.
    """
    remove(folder / JSON)


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _preprocessing(task: str, recipe: Mapping[str, Any], framed: bool) -> dict[str, Any]:
    """Return what happens to a picture before the network of a recipe sees it."""
    framing = FRAMING[task] if framed else {**FRAMING[task], "framing": UNFRAMED}
    found = {**framing, "range": list(RANGE), "polarity": INTERFACES[task].polarity}
    network = recipe.get("network")
    if task == SYMBOLS and isinstance(network, Mapping) and "size" in network:
        found["size"] = network["size"]
    return found


class _Checked:
    """A table of which every value is taken with its type, or refused in one sentence."""

    def __init__(self, table: object, where: str) -> None:
        self.where = where
        if not isinstance(table, dict):
            raise RecogniserError(f"{where} does not describe a model: export the run again.")
        self.table = table

    def get(
        self, key: str, kind: Callable[..., Any], otherwise: Any, *, allow_none: bool = False
    ) -> Any:
        found = self.table.get(key, otherwise)
        if found is None and allow_none:
            return None
        if kind is float and type(found) is int:
            found = float(found)
        if type(found) is not kind:  # to JSON, true is no number
            self.fail(key)
        return found

    def texts(self, key: str) -> dict[str, str]:
        found: dict[str, str] = self.get(key, dict, {})
        if not all(isinstance(value, str) for value in found.values()):
            self.fail(key)
        return found

    def fail(self, key: str) -> NoReturn:
        raise RecogniserError(
            f"{key!r} is missing or damaged in {self.where}: restore it, or export the run again."
        )


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def _read(path: Path, largest: int) -> bytes:
    try:
        return read_bytes(path, largest, "restore it, or export the run again")
    except FileError as error:
        raise RecogniserError(str(error)) from error


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_bytes(path, len(content)) == content
    except FileError:
        return False
