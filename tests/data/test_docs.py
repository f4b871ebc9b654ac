"""docs/data.md: its tables are true, and its examples run."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from inkdigits import cli
from inkdigits.data import KNOWN, SPLITS, arrays, folders, load_dataset, registry
from inkdigits.data.mnist import MNIST
from inkdigits.data.relatives import RELATIVES

TEXT = (Path(__file__).parents[2] / "docs" / "data.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def rows(header: str) -> list[list[str]]:
    table = TEXT.partition(f"| {header} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]


def test_the_table_of_known_data_sets_is_true():
    found = rows("name | what it is | classes")
    assert [row[:2] for row in found] == [[f"`{key}`", known.about] for key, known in KNOWN.items()]
    classes = {row[0].strip("`"): int(row[2].split(",")[0]) for row in found}
    for one in (MNIST, *RELATIVES):
        assert classes[one.key] == len(one.alphabet)


def test_the_tables_of_splits_and_arrays_are_true():
    assert [row[0] for row in rows("split | validation samples")] == [
        f"`{split}`" for split in SPLITS
    ]
    named = " ".join(row[0] for row in rows("arrays | what they hold"))
    every = [name for pairs in arrays.NAMES.values() for pair in pairs for name in pair]
    assert re.findall("`([a-z_]+)`", named) == [*every[:6], *every[10:], *every[6:10],
                                               *arrays.CLASSES]  # fmt: skip
    for words in folders.SPLITS.values():
        assert all(f"`{word}/`" in TEXT for word in words)
    assert f"needs {registry.LEAST} training samples" in TEXT


@pytest.fixture
def examples(small_mnist, monkeypatch) -> None:
    """Run the Python of the page, on a small MNIST."""
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    known: dict[str, object] = {}
    for code in blocks("python"):
        exec(code.replace("[:2000]", "[:500]"), known)  # noqa: S102


@pytest.mark.usefixtures("examples")
def test_all_forms_of_data_hold_the_same_samples():
    npz, idx, pictures = (load_dataset(name) for name in ("some.npz", "some-idx", "some-pictures"))
    assert npz.training.digest == idx.training.digest
    assert npz.open_test().digest == idx.open_test().digest
    assert set(pictures.training.identities) == set(npz.training.identities)


@pytest.mark.usefixtures("examples")
def test_every_command_runs(written, tiny, monkeypatch, capsys):
    for image, label in zip(written.images[:60], written.labels[:60], strict=True):
        folders.keep(Path("user_digits"), image, int(label))
    Path("quick.toml").write_text(tiny.dump())
    done = []
    for line in "".join(blocks("sh")).splitlines():
        command = line.partition("#")[0].split()
        if "train" in command:  # a tiny network in place of the recipe, for one epoch
            command[command.index("quick")] = "quick.toml"
            command += ["--epochs", "1", "--name", f"quick{len(done) or ''}"]
        if "evaluate" in command:
            command[command.index("quick")] = next(Path("runs").glob("quick*")).name
        monkeypatch.setattr(sys, "argv", command)
        try:
            cli.main()
        except SystemExit as end:
            assert not end.code, (line, capsys.readouterr().err)
        done.append(line)
    assert len(done) == 12
    shown = capsys.readouterr().out
    assert "user_digits test" in shown
    assert np.all([key in shown for key in KNOWN])
