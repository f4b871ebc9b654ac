"""Kinds of damage to a run folder: by accident, by hand, by malice."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

STATE, RECIPE = "last.safetensors", "recipe.toml"
FIGURES, ENVIRONMENT, WEIGHTS = "figures.json", "environment.json", "weights.safetensors"
Damage = Callable[[Path], None]


def _gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _put(name: str, content: bytes) -> Damage:
    def damage(run: Path) -> None:
        _gone(run / name)
        (run / name).write_bytes(content)

    return damage


def _special(name: str, make: Callable[[Path], object]) -> Damage:
    def damage(run: Path) -> None:
        _gone(run / name)
        make(run / name)

    return damage


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write((1000).to_bytes(8, "little"))
        file.truncate(1 << 42)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "circle of links": lambda path: path.symlink_to(path.name),
    "terabytes": _sparse,
    "empty": Path.touch,
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x00\x01" * 99),
    "NUL": lambda path: path.write_bytes(b"\0" * 4096),
}


def _progress(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Change what a state says of itself, and leave all else as it is."""

    def damage(run: Path) -> None:
        _rewrite(run / STATE, lambda header: _within(header, change))

    return damage


def _within(header: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(header["__metadata__"]["progress"])
    change(told)
    header["__metadata__"]["progress"] = json.dumps(told)


def _header(change: Callable[[dict[str, Any]], object]) -> Damage:
    return lambda run: _rewrite(run / STATE, change)


def _rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])


def _notes(text: str) -> Damage:
    return _header(lambda header: header["__metadata__"].update(progress=text))


def _json(name: str, change: Callable[[dict[str, Any]], object]) -> Damage:
    def damage(run: Path) -> None:
        table = json.loads((run / name).read_text())
        change(table)
        (run / name).write_text(json.dumps(table))

    return damage


def _toml(pattern: str, text: str) -> Damage:
    def damage(run: Path) -> None:
        recipe, count = re.subn(pattern, text, (run / RECIPE).read_text(), count=1)
        assert count
        (run / RECIPE).write_text(recipe)

    return damage


def _row(key: str, value: Any) -> Damage:
    return _progress(lambda told: told["history"][0].update({key: value}))


def _huge(run: Path) -> None:
    path = run / STATE
    path.write_bytes((1 << 62).to_bytes(8, "little") + path.read_bytes()[8:])


def _cut(name: str) -> Damage:
    return lambda run: os.truncate(run / name, (run / name).stat().st_size * 2 // 3)


LISTED = (RECIPE, STATE, FIGURES, ENVIRONMENT)  # what a list of runs looks at

DAMAGES: dict[str, Damage] = {
    **{
        f"{kind} as {name}": _special(name, make)
        for name in LISTED
        for kind, make in SPECIAL.items()
    },
    **{
        f"deep {name}": _put(name, text)
        for name, text in {
            RECIPE: b"name = " + b"[" * 100_000,
            ENVIRONMENT: b"[" * 100_000,
            FIGURES: b'{"a":' * 100_000,
        }.items()
    },
    "recipe of tables": _put(RECIPE, b"a = " + b"{b = " * 20_000),
    "recipe of dots": _put(RECIPE, b"[network]\noptions." + b"a." * 100_000 + b"b = 1"),
    "recipe of headers": _put(RECIPE, b"[" + b"a." * 100_000 + b"b]"),
    "recipe cut": _cut(RECIPE),
    "recipe of JSON": _put(RECIPE, b'{"name": 1}'),
    "recipe with a type": _toml(r"epochs = \d+", 'epochs = "3"'),
    "recipe with a number": _toml(r"epochs = \d+", "epochs = -1"),
    "recipe that is infinite": _toml(r"rate = \S+", "rate = inf"),
    "recipe with a list": _toml(r"(?s)\[network\].*?\n\n", "network = []\n\n"),
    "recipe of nothing known": _put(RECIPE, b'name = "x"\nsecret = 1\n'),
    "recipe with a digit too many": _toml(r"epochs = \d+", "epochs = " + "9" * 5000),
    "state cut": _cut(STATE),
    "state with a header of exabytes": _huge,
    "state without notes": _header(lambda header: header.pop("__metadata__")),
    "state with notes that are a list": _header(lambda header: header.update(__metadata__=[1])),
    "state with notes that are numbers": _header(
        lambda header: header["__metadata__"].update(progress=1)
    ),
    "state with an entry that is none": _header(lambda header: header.update(x=3)),
    "state with tensors beyond its end": _header(
        lambda header: header.update(x={"dtype": "F32", "shape": [9], "data_offsets": [0, 1 << 60]})
    ),
    "state with negative tensors": _header(
        lambda header: header.update(x={"dtype": "F32", "shape": [-1], "data_offsets": [-4, 0]})
    ),
    "state of other notes": _notes("[]"),
    "state of deep notes": _notes("[" * 100_000),
    "state of half notes": _notes('{"since": 0}'),
    "state with the epoch 1e999": _notes('{"since": 0, "history": [{"epoch": 1e999}]}'),
    **{
        f"row with {key} = {value!r:.20}": _row(key, value)
        for key, value in (
            ("epoch", -1),
            ("epoch", 7),
            ("epoch", True),
            ("epoch", "1"),
            ("validation_accuracy", None),
            ("validation_accuracy", 1e9),
            ("validation_accuracy", "high"),
            ("validation_loss", [1]),
            ("validation_loss", 10**400),
            ("seconds", float("inf")),
            ("seconds", float("nan")),
            ("rate", -1.0),
            ("colour", 1.0),
        )
    },
    "row that is missing something": _progress(lambda told: told["history"][0].pop("rate")),
    "history that is a table": _progress(lambda told: told.update(history={"a": 1})),
    "history of numbers": _progress(lambda told: told.update(history=[1, 2])),
    "history that is nothing": _progress(lambda told: told.update(history=None)),
    "patience from minus one": _progress(lambda told: told.update(since=-1)),
    "patience from a text": _progress(lambda told: told.update(since="0")),
    "best epoch of none": _progress(lambda told: told["best"].update(epoch=9)),
    "best epoch of text": _progress(lambda told: told["best"].update(epoch="1")),
    "best that is a list": _progress(lambda told: told.update(best=[])),
    "best of no digest": _progress(lambda told: told["best"].update(sha256=None)),
    "start that is a list": _progress(lambda told: told.update(init=[1])),
    "start that is a number": _progress(lambda told: told.update(init={"name": 1})),
    **{
        f"figures with {key} = {value!r:.20}": _json(
            FIGURES, lambda table, key=key, value=value: table.update({key: value})
        )
        for key, value in (
            ("epoch", "x"),
            ("epoch", 1.5),
            ("weights", 3),
            ("on", None),
            ("on", "\ud800"),
            ("loss", "low"),
            ("accuracy", 0.9),
            ("accuracy", {"value": 0.9}),
            ("accuracy", dict.fromkeys(("value", "low", "high"), "x") | {"right": 1, "count": 1}),
            ("accuracy", dict.fromkeys(("value", "low", "high"), 2.0) | {"right": 1, "count": 1}),
            ("accuracy", dict.fromkeys(("value", "low", "high"), 0.5) | {"right": 2, "count": 1}),
        )
    },
    **{
        f"environment with {key} = {value!r:.20}": _json(
            ENVIRONMENT, lambda table, key=key, value=value: table.update({key: value})
        )
        for key, value in (
            ("data", [1]),
            ("data", {"train": 3}),
            ("data", {"train": {"count": "many"}}),
            ("data", {"train": {"count": -1}}),
            ("data", {"train": {"name": 1}}),
            ("init", "first"),
            ("teacher", {"run": 1}),
        )
    },
    "environment that is a list": _put(ENVIRONMENT, b"[1]"),
    "figures that are a number": _put(FIGURES, b"1"),
}


def _arrays(**arrays: Any) -> Damage:
    return _put(WEIGHTS, save({name: np.asarray(array) for name, array in arrays.items()}))


def _tensor(dtype: str) -> Damage:
    def damage(run: Path) -> None:
        _rewrite(run / STATE, lambda header: _entry(header).update(dtype=dtype))

    return damage


def _entry(header: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(v for k, v in header.items() if k.startswith("network"))
    return found


HIDDEN: dict[str, Damage] = {  # in what a list of runs does not look at
    **{
        f"{kind} as {name}": _special(name, SPECIAL[kind])
        for name in (WEIGHTS, "history.csv", "model.json", ".lock", "predictions.safetensors")
        for kind in ("pipe", "folder", "dangling link", "terabytes", "not UTF-8")
    },
    "weights cut": _cut(WEIGHTS),
    "weights of others": _arrays(a=np.zeros(3, np.float32)),
    "weights of nothing": _arrays(),
    "state with integers for weights": _tensor("I32"),
    "state with a type nobody knows": _tensor("C128"),
    "state with fewer bytes than its shape": _header(
        lambda header: _entry(header).update(shape=[1 << 40])
    ),
    "model of depth": _put("model.json", b"[" * 100_000),
}
