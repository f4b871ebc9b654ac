"""The command `read`, with and without the stand-in for a recogniser, and pictures for it."""

import io
import sys
from pathlib import Path

import pytest

from inkdigits import cli
from inkdigits.reading import Reader
from inkdigits.recognition.line_network import LineNetwork
from inkdigits.recognition.recogniser import Recogniser
from tests.cli.pages import row, save
from tests.reading.strokes import Shapes, paper


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Return a reader with the stand-in in place of a recogniser."""
    return Reader.of(Shapes())


@pytest.fixture
def shipped(monkeypatch, capsys):
    """Run `inkdigits read` as a user does; return exit code, output and error output."""

    def go(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkdigits", "read", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return go


@pytest.fixture
def read(monkeypatch, shipped):
    """Run `inkdigits read` with the stand-in for a recogniser."""
    monkeypatch.setattr(Recogniser, "load", lambda _=None, **__: Shapes())
    monkeypatch.setattr(LineNetwork, "shipped", lambda: None)
    return shipped


@pytest.fixture
def pages(tmp_path) -> Path:
    """Return a folder, with another in it, of pictures and of what is none."""
    folder = tmp_path / "pages"
    save(folder / "b.png", row(paper(100, 200), "01"))
    save(folder / "a.jpg", row(paper(100, 200), "110"))
    save(folder / "more" / "C.PNG", row(row(paper(200, 200), "10"), "011", y=120))
    save(folder / ".hidden.png", row(paper(100, 200), "000"))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def blank(tmp_path) -> Path:
    return save(tmp_path / "blank.png", paper())


@pytest.fixture
def bad(tmp_path) -> Path:
    path = tmp_path / "bad.png"
    path.write_bytes(b"no picture")
    return path
