import errno
import json
from pathlib import Path

import pytest

from inkdigits import files
from inkdigits.alphabet import DIGITS_OR_REJECT
from inkdigits.errors import FileError, RecogniserError
from inkdigits.files import Disk
from inkdigits.models.bundle import CARD, JSON, LARGEST, ONNX, SHIPPED, WEIGHTS, Bundle, names


@pytest.fixture
def bundle() -> Bundle:
    return Bundle(
        "mine",
        {"name": "tiny", "training": {"epochs": 3}},
        DIGITS_OR_REJECT,
        temperature=0.9,
        precision="float32",
        figures={"validation": {"accuracy": 0.9}},
        versions={"torch": "2"},
        licence="MIT",
        init={"name": "reader", "sha256": "0" * 64},
    )


@pytest.fixture
def folder(tmp_path, bundle) -> Path:
    bundle.write(tmp_path / "mine", b"weights", b"onnx")
    return tmp_path / "mine"


def damaged(folder: Path, **changes: object) -> str:
    """Return the one sentence with which a folder is refused whose model.json was changed."""
    path = folder / JSON
    table = json.loads(path.read_text())
    for key, value in changes.items():
        table[key] = value
        if value is None:
            del table[key]
    path.write_text(json.dumps(table))
    with pytest.raises(RecogniserError) as caught:
        Bundle.open(folder)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and str(path) in sentence
    return sentence


def test_what_was_written_is_found(folder, bundle):
    found = Bundle.open(folder)
    assert found == Bundle.open(str(folder))
    assert (found.weights, found.onnx, found.has_onnx) == (b"weights", b"onnx", True)
    assert found.to_dict() == {**bundle.to_dict(), "files": dict(found.digests)}
    assert sorted(path.name for path in folder.iterdir()) == [JSON, ONNX, WEIGHTS]


def test_without_an_onnx_file_it_says_how_to_make_one(folder, bundle):
    bundle.write(folder, b"others")
    found = Bundle.open(folder)
    assert found.weights == b"others" and not (folder / ONNX).exists()
    with pytest.raises(RecogniserError, match=f"has no {ONNX}: make one with `inkdigits export"):
        _ = found.onnx


def test_the_shipped_one_has_a_name():
    assert set(names()) == {"finder", "lines", SHIPPED}
    found = Bundle.open(SHIPPED)
    assert (found.name, found.alphabet, found.precision) == ("reader", DIGITS_OR_REJECT, "int8")
    assert found.onnx and found.weights and found.licence == "MIT"
    assert (found.folder / CARD).is_file()


@pytest.mark.parametrize("name", [WEIGHTS, ONNX])
def test_another_file_than_it_tells_of_is_one_sentence(folder, name):
    (folder / name).write_bytes(b"something else")
    found = Bundle.open(folder)
    with pytest.raises(RecogniserError, match=f"{name} is not the file described in {JSON}"):
        _ = found.weights if name == WEIGHTS else found.onnx
    (folder / name).unlink()
    with pytest.raises(RecogniserError, match=f"Cannot read .*{name}: No such file"):
        _ = found.weights if name == WEIGHTS else found.onnx


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 3),
        ("name", None),
        ("recipe", []),
        ("recipe", None),
        ("temperature", True),
        ("temperature", -1),
        ("temperature", "1"),
        ("temperature", float("nan")),
        ("precision", 8),
        ("figures", "good"),
        ("licence", {}),
        ("versions", {"torch": 2}),
        ("init", ["reader"]),
        ("files", {}),
        ("files", {WEIGHTS: "../x"}),
        ("files", {WEIGHTS: 3}),
        ("preprocessing", {"range": [0, 255]}),
    ],
)
def test_a_value_that_is_damaged_is_named(folder, key, value):
    assert f"{key!r} is missing or damaged in" in damaged(folder, **{key: value})


def test_another_schema_or_alphabet_is_one_sentence(folder):
    assert "schema 2" in damaged(folder, schema=2)
    assert "2 to 1,000 symbols" in damaged(folder, schema=1, alphabet={"symbols": ["a"]})


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"3"])
def test_what_is_no_description_is_one_sentence(folder, content):
    (folder / JSON).write_bytes(content)
    with pytest.raises(
        RecogniserError, match=r"^[^\n]*model\.json (is damaged|does not desc)[^\n]*\.$"
    ):
        Bundle.open(folder)


def test_what_is_too_large_is_not_read(folder, monkeypatch):
    monkeypatch.setitem(LARGEST, JSON, 10)
    with pytest.raises(RecogniserError, match="is larger than"):
        Bundle.open(folder)


def test_what_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(RecogniserError, match=r"Unknown model 'raeder'.*did you mean 'reader'"):
        Bundle.open("raeder")
    with pytest.raises(RecogniserError, match=f"has no {JSON}: finish its training"):
        Bundle.open(tmp_path)


@pytest.mark.parametrize("stopped", [WEIGHTS, ONNX, JSON])
def test_a_crash_leaves_no_description_of_other_files(folder, bundle, stopped):
    class Stopping(Disk):
        def rename(self, source: Path, target: Path) -> None:
            if target.name == stopped:
                raise OSError(errno.ENOSPC, "no room")
            super().rename(source, target)

    with files.using(Stopping()), pytest.raises(FileError, match="no room"):
        bundle.write(folder, b"new weights", b"new onnx")
    with pytest.raises(RecogniserError, match=f"has no {JSON}"):
        Bundle.open(folder)


def test_files_that_stay_the_same_are_not_written_again(folder, bundle):
    before = (folder / WEIGHTS).stat().st_mtime_ns, (folder / WEIGHTS).stat().st_ino
    bundle.write(folder, b"weights", b"new onnx")
    assert ((folder / WEIGHTS).stat().st_mtime_ns, (folder / WEIGHTS).stat().st_ino) == before
    assert Bundle.open(folder).onnx == b"new onnx"
