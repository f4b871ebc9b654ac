import os
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from PIL import Image

from inkdigits import cli


@pytest.fixture
def run(monkeypatch, capsys, small_mnist):
    """Run the command line as a user does; return exit code, output and error output."""

    def go(*arguments: str, data: bool = True) -> tuple[int, str, str]:
        if data:
            monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
        monkeypatch.setattr(sys, "argv", ["inkdigits", *arguments])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return go


@pytest.fixture
def recipe(tmp_path, tiny):
    path = tmp_path / "tiny.toml"
    path.write_text(tiny.dump())
    return str(path)


def test_everything_in_turn_as_a_user_would(run, recipe, tmp_path):
    code, out, _ = run("train", recipe, "--epochs", "1")
    assert code == 0
    assert "547 samples of MNIST train" in out
    assert re.search(r"epoch 1/1  batch 9/9  loss \d", out)
    code, out, _ = run("train", recipe, "--seed", "3", "--set", "optimiser.rate=0.02", "--evaluate")
    assert code == 0
    assert out.count("T: ") == 10
    assert "runs/tiny-2/report/index.html" in out
    assert (tmp_path / "runs" / "tiny-2" / "report" / "index.html").is_file()
    assert run("evaluate", "tiny")[0] == 0
    code, out, _ = run("compare", "tiny", "tiny-2")
    assert code == 0
    assert "95% interval" in out
    assert "with other random seeds" in out
    code, out, _ = run("runs")
    assert "tiny-2" in out
    assert "1 of 1" in out
    code, out, _ = run("train", "--resume", "tiny", "--epochs", "2")
    assert code == 0
    assert "best epoch" in out


def test_rate_search_applies_its_rate_and_compares(run, recipe, tmp_path):
    code, out, _ = run("find-lr", recipe, "--apply", "found.toml", "--retrain")
    assert code == 0
    assert out.count("validation loss") >= 11
    found = tomllib.loads((tmp_path / "found.toml").read_text())
    assert found["name"] == "tiny-rate"
    assert f"{found['optimiser']['rate']:g} by the sweep" in out
    assert {path.name for path in (tmp_path / "runs" / "_rates" / "tiny").iterdir()} == {
        "sweep.png", "range.png", "rates.csv",
    }  # fmt: skip
    assert (tmp_path / "runs" / "_comparisons" / "tiny+tiny-rate" / "index.html").is_file()


def test_recipes_are_listed_and_printed(run):
    code, out, _ = run("recipes")
    assert code == 0
    assert "simple-cnn-published" in out
    code, out, _ = run("recipes", "quick")
    assert tomllib.loads(out)["network"]["name"] == "compact"


@pytest.mark.parametrize("recipe", ["simple-cnn", "lines", "pages"])
def test_summary_counts_parameters(run, recipe):
    from inkdigits import networks
    from inkdigits.training.recipe import Recipe

    found = Recipe.load(recipe)
    network = networks.build(found.network, found.alphabet)
    code, out, _ = run("summary", recipe)
    assert code == 0
    assert f"{sum(weight.numel() for weight in network.parameters()):,}" in out
    assert "mult-adds (M)" in out


def test_data_tells_what_is_there(run, small_mnist):
    code, out, _ = run("data", "mnist")
    assert code == 0
    assert str(small_mnist) in out
    assert re.search(r"training\s+600", out)


def test_show_draws_a_grid_a_digit_and_a_png(run, tmp_path):
    code, out, _ = run("show", "--count", "7")
    assert code == 0
    assert len(out.splitlines()) >= 2 * (1 + 7)
    assert "█" in out
    code, out, _ = run("show", "--index", "2")
    assert "one-hot [" in out
    assert len(out.splitlines()) == 29
    code, out, _ = run("show", "--out", "grid.png")
    assert (tmp_path / "grid.png").read_bytes().startswith(b"\x89PNG")


def test_show_draws_pages_with_their_classes(run, tmp_path):
    code, _, err = run("show", "pages")
    assert (code, "--out" in err) == (2, True)
    code, out, _ = run("show", "pages", "--count", "2", "--out", "pages.png")
    assert (code, "Written" in out) == (0, True)
    with Image.open(tmp_path / "pages.png") as drawn:
        assert drawn.size == (512, 512)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "qick"), "did you mean 'quick'"),
        (("train",), "Name a recipe to train"),
        (("train", "quick", "--resume", "x"), "Name a recipe to train"),
        (("train", "--resume", "x", "--seed", "1"), "resumed with its own settings"),
        (("train", "--resume", "nothing"), "There is no run 'nothing'"),
        (("train", "quick", "--set", "optimizer.rate=1"), "did you mean 'optimiser'"),
        (("train", "quick", "--set", "nonsense"), "section.setting=value"),
        (("train", "quick", "--device", "gpu"), "Unknown device 'gpu'"),
        (("train", "quick", "--name", "../up"), "Invalid name of a run"),
        (("train", "quick", "--epochs", "0"), "1 or more"),
        (("evaluate", "nothing"), "There is no run"),
        (("compare", "a", "b"), "There is no run"),
        (("show", "--index", "600"), "0 to 599"),
        (("show", "synthetics"), "did you mean 'synthetic'"),
        (("recipes", "cn"), "did you mean 'cnn'"),
        (("summary", "missing.toml"), "Cannot read missing.toml"),
    ],
)
def test_a_users_error_is_one_sentence_and_exit_code_2(run, arguments, says):
    code, _, err = run(*arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_no_mnist_and_no_network_is_one_sentence(run):
    code, _, err = run("train", "quick", data=False)
    assert code == 2
    assert "cannot be downloaded" in err


def test_a_path_that_no_system_takes_is_one_sentence(run):
    code, _, err = run("evaluate", "x" * 300)
    assert code == 2
    assert "There is no run 'xxx" in err and err.endswith(
        "make one with `inkdigits train quick`.\n"
    )


def test_a_terminal_of_few_letters_gets_question_marks():
    done = subprocess.run(
        [sys.executable, "-m", "inkdigits", "recipes"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_unknown_options_are_refused_with_exit_code_2(run):
    assert run("train", "quick", "--epoch", "3")[0] == 2


def test_ctrl_c_ends_cleanly_and_the_run_can_go_on(run, recipe, monkeypatch):
    from inkdigits.training import loop

    original = loop.train_step

    def interrupted(state, *rest):
        if state.epoch == 1:
            raise KeyboardInterrupt
        return original(state, *rest)

    monkeypatch.setattr(loop, "train_step", interrupted)
    code, out, err = run("train", recipe)
    assert code == 130
    assert "1 of 3 epochs are saved. Continue with: inkdigits train --resume tiny" in out
    assert "Traceback" not in err
    monkeypatch.setattr(loop, "train_step", original)
    assert run("train", "--resume", "tiny")[0] == 0


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_module_runs_and_help_loads_nothing_heavy():
    assert "train" in python("-m", "inkdigits", "--help").stdout
    code = (
        "import sys, inkdigits.cli; sys.argv = ['inkdigits', '--help']\n"
        "try: inkdigits.cli.main()\nexcept SystemExit: pass\n"
        "print('heavy:', sorted({'torch', 'matplotlib', 'scipy', 'numpy'} & set(sys.modules)))"
    )
    assert "heavy: []" in python("-c", code).stdout


def test_missing_extra_is_one_sentence():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import inkdigits.cli; sys.argv = ['inkdigits', 'train', 'quick']\n"
        "inkdigits.cli.main()"
    )
    done = python("-c", code)
    assert done.returncode == 2
    assert 'pip install ".[lab]"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder_is_one_sentence(run, recipe, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    code, _, err = run("train", recipe, "--runs", str(tmp_path / "locked" / "runs"))
    assert code == 2
    assert "Permission denied" in err


def test_many_classes_have_a_row_each(run, tmp_path):
    names = [f"class {number}" for number in range(20)]
    images = np.random.default_rng(0).integers(0, 256, (200, 12, 10), np.uint8)
    np.savez(tmp_path / "many.npz", images=images, labels=np.arange(200) % 20, classes=names)
    _, out, _ = run("data", "many.npz")
    assert all(f"\n{name} " in out for name in names)
    assert max(map(len, out.splitlines())) < 240
