"""The folder of a run while it is made and trained: taken, emptied, moved, full, read-only."""

import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inkdigits import files, training
from inkdigits.errors import FileError, RunError
from inkdigits.files import Disk
from inkdigits.training import Run
from inkdigits.training.folder import held
from inkdigits.training.runs import all_runs


class Meanwhile(Disk):
    """A disk to which something happens before a file gets its name for the n-th time."""

    def __init__(self, name: str, times: int, what: Callable[[], object]) -> None:
        self.name, self.times, self.what = name, times, what

    def rename(self, source: Path, target: Path) -> None:
        if target.name == self.name:
            self.times -= 1
            if not self.times:
                self.what()
        super().rename(source, target)


class Refusing(Disk):
    """A disk that takes no more than so many bytes at a time."""

    def __init__(self, number: int, most: int) -> None:
        self.number, self.most = number, most

    def write(self, handle: int, content: bytes) -> None:
        if len(content) > self.most:
            raise OSError(self.number, os.strerror(self.number))
        super().write(handle, content)


@pytest.fixture
def train(small_mnist, tiny):
    def go(**options):
        settings = {"network.name": "mlp", "network.options": {"widths": [8]}}
        options = {"name": "x", "data": small_mnist, "progress": False, **options}
        return training.train(tiny, settings=settings, **options)

    return go


def test_an_empty_folder_is_used(train):
    Path("runs/x").mkdir(parents=True)
    assert train(epochs=1).path == Path("runs/x")


def test_what_a_kill_left_before_there_was_a_recipe_is_used_and_reported(train, capsys):
    Path("runs/x").mkdir(parents=True)
    for name in (".lock", ".recipe.toml-0123abcd.part"):
        Path("runs/x", name).touch()
    half = Path("runs/.x-0123abcd.part")
    half.mkdir()
    (half / "recipe.toml").touch()
    assert all_runs() == []
    assert train(epochs=1, progress=True).path == Path("runs/x")
    assert not half.exists() and not list(Path("runs/x").glob("*.part"))
    told = capsys.readouterr().out
    assert "program: .x-0123abcd.part, x/.recipe.toml-0123abcd.part." in told


def test_a_folder_that_holds_anything_else_is_refused(train):
    Path("runs/x").mkdir(parents=True)
    Path("runs/x/letter.txt").write_text("dear")
    Path("runs/y").write_text("a file")
    for name in "xy":
        with pytest.raises(RunError, match=f"runs/{name} exists and is not a run: remove it, or"):
            train(epochs=1, name=name)
    assert Path("runs/x/letter.txt").read_text() == "dear"


def test_a_run_that_is_removed_while_it_trains_is_reported_lost(train, small_mnist):
    run = train(epochs=1)
    gone = Meanwhile("last.safetensors", 1, lambda: shutil.rmtree(run.path))
    with files.using(gone), pytest.raises(RunError, match=r"runs/x was removed .* are lost: train"):
        training.resume(run, epochs=4, data=small_mnist, progress=False)
    assert not run.path.exists()


def test_all_runs_are_removed_while_one_trains(train):
    gone = Meanwhile("history.csv", 2, lambda: shutil.rmtree("runs"))
    with files.using(gone), pytest.raises(RunError, match=r"runs/x was removed .* are lost: train"):
        train(epochs=4)
    assert not Path("runs").exists()


def test_a_run_that_is_emptied_while_it_trains_is_reported_lost(train):
    def empty() -> None:
        for path in Path("runs/x").iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    with files.using(Meanwhile("history.csv", 2, empty)), pytest.raises(RunError, match="are lost"):
        train(epochs=4)


def test_a_run_that_is_replaced_while_it_trains_is_kept_where_it_is_now(train, small_mnist):
    other = train(epochs=1, name="other").path

    def replace() -> None:
        Path("runs/x").rename("runs/moved")
        shutil.copytree(other, "runs/x")

    before = (other / "last.safetensors").read_bytes()
    with (
        files.using(Meanwhile("history.csv", 2, replace)),
        pytest.raises(RunError, match=r"was moved or replaced .* are saved where it was moved to"),
    ):
        train(epochs=4)
    assert Path("runs/x/last.safetensors").read_bytes() == before
    moved = training.resume("moved", data=small_mnist, progress=False)
    assert len(moved.history) == 4


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.ENOSPC, "free some space"), (errno.EROFS, "writable")]
)
def test_a_disk_that_takes_no_more_keeps_what_was_there(train, small_mnist, number, advice):
    run = train(epochs=1)
    before = (run.path / "last.safetensors").read_bytes()
    with (
        files.using(Refusing(number, 20_000)),
        pytest.raises(FileError, match=rf"{advice}.*1 epoch is saved in.*--resume x") as caught,
    ):
        training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert str(caught.value).count("\n") == 0
    assert (run.path / "last.safetensors").read_bytes() == before
    assert not list(run.path.glob("*.part"))
    assert len(training.resume(run, data=small_mnist, progress=False).history) == 2


def test_a_disk_that_takes_nothing_makes_no_run(train):
    with files.using(Refusing(errno.EROFS, 0)), pytest.raises(FileError, match="writable"):
        train(epochs=1)
    assert not Path("runs/x").exists() and all_runs() == []


def test_two_trainings_at_once_are_one_sentence(train, small_mnist):
    run = train(epochs=1)
    before = {path: path.read_bytes() for path in run.path.glob("*.*")}
    with held(run.path), pytest.raises(RunError, match="Another process is training runs/x"):
        training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert {path: path.read_bytes() for path in run.path.glob("*.*")} == before
    with pytest.raises(RunError, match="The run runs/x exists: continue it with --resume x"):
        train()


def test_of_many_that_make_a_run_at_once_each_gets_a_name_of_its_own(tiny):
    def make(name: str | None) -> str:
        try:
            return Run.create(tiny, name).name
        except RunError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        names = sorted(pool.map(make, [None] * 8))
        mine = sorted(pool.map(make, ["mine"] * 8))
    assert names == ["tiny", *(f"tiny-{number}" for number in range(2, 9))]
    assert mine == [""] * 7 + ["mine"]
    assert not list(Path("runs").glob("*.part"))


def test_a_run_that_is_gone_is_not_made_by_its_lock(train, small_mnist):
    run = train(epochs=1)
    _ = run.recipe
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match=r"runs/x (no longer exists|has)|Cannot read"):
        training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert not run.path.exists()


def test_a_file_of_somebody_else_is_no_lock(train, tmp_path, small_mnist):
    run = train(epochs=1)
    (tmp_path / "diary").write_text("dear")
    (run.path / ".lock").unlink(missing_ok=True)
    (run.path / ".lock").symlink_to(tmp_path / "diary")
    with pytest.raises(RunError, match="is not a file of inkdigits: remove it"):
        training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert (tmp_path / "diary").read_text() == "dear"


def test_the_same_weights_are_the_same_bytes(train):
    first, second = train(epochs=1), train(epochs=1, name="y")
    content = [Run(run.path).weight_bytes for run in (first, second)]
    assert content[0] == content[1] == (second.path / "weights.safetensors").read_bytes()
