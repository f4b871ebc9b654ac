import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkdigits.cli import complete
from inkdigits.training import device
from inkdigits.training.recipe import names


def completed(line: str, folder: Path) -> list[str]:
    """Return what bash offers at the end of a line."""
    code = (
        "import sys; from inkdigits.cli import main\n"
        "try: main()\n"
        "finally: assert 'torch' not in sys.modules"
    )
    variables = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
        "_INKDIGITS_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=folder,
        env={**os.environ, **variables}, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("first", "second"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        (tmp_path / "mine" / name / "recipe.toml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("inkdigits tr", ["train"]),
        ("inkdigits train qui", ["quick"]),
        ("inkdigits train quick --device c", ["cpu", "cuda"]),
        ("inkdigits evaluate --runs mine f", ["first"]),
        ("inkdigits evaluate first --on syn", ["synthetic"]),
        ("inkdigits export --runs mine ", ["first", "second", "finder", "lines", "reader"]),
        ("inkdigits export --runs nowhere fi", ["finder"]),
        ("inkdigits read x.png --format js", ["json", "jsonl"]),
    ],
)
def test_a_shell_is_offered_names_and_pytorch_is_not_loaded(folder, line, offered):
    assert completed(line, folder) == offered


def test_what_is_offered_is_what_there_is():
    assert complete.recipes("") == names()
    assert complete.DEVICES == device.DEVICES
