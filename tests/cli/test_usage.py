"""The options that all commands share, and mistakes in a command line."""

import sys

import pytest
import torch

import inkdigits
from inkdigits import cli


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command line as a user does; return exit code, output and error output."""

    def go(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkdigits", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), *capsys.readouterr()

    return go


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_printed(command, option):
    assert command(option) == (0, f"inkdigits {inkdigits.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "quick", "--epoch", "3"], "Unknown option --epoch: did you mean --epochs?"),
        (["read", "--xyz"], "Unknown option --xyz: see `inkdigits read --help`."),
        (["read"], "PATH is missing: see `inkdigits read --help`."),
        (["summary"], "RECIPE is missing: see `inkdigits summary --help`."),
        (["train", "quick", "--seed"], "--seed needs a value: see `inkdigits --help`."),
        (["show", "--index", "x"], "--index must be a whole number, 0 or more: see `inkdigits"),
        (["show", "--count", "0"], "--count must be a whole number from 1 to 1000: see `inkdigits"),
        (["read", "x", "--min-confidence", "nan"], "--min-confidence must be a number from 0 to 1"),
        (["train", "a", "b"], "Too many arguments, b: see `inkdigits train --help`."),
        (["trian"], "Unknown command trian: did you mean train?"),
        (["train", "a", "--evaluate=1"], "--evaluate takes no value: see `inkdigits"),
    ],
)
def test_a_mistake_in_a_command_line_is_one_sentence(command, arguments, says):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"inkdigits: {says}")
    assert len(err.splitlines()) == 1


def test_no_arguments_print_the_help(command):
    code, out, _ = command()
    assert code == 2
    assert "Usage: inkdigits" in out and "evaluate" in out


@pytest.mark.parametrize("before", [True, False])
def test_quiet_prints_results_alone(command, tiny, small_mnist, tmp_path, before):
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(tiny.dump())
    arguments = ["train", str(recipe), "--epochs", "1", "--data", str(small_mnist)]
    quiet = ["--quiet", *arguments] if before else [*arguments, "-q"]
    code, out, err = command(*quiet)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1 and out.startswith("Run(tiny")
    assert len(command(*arguments)[1].splitlines()) > 3  # the next command is not quiet any more


def test_threads_are_those_that_were_asked_for(command, tiny, small_mnist, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(tiny.dump())
    arguments = ["train", str(recipe), "--epochs", "1", "--data", str(small_mnist), "-q"]
    assert command(*arguments)[0] == 0
    assert asked == []
    assert command(*arguments, "--threads", "3")[0] == 0
    assert asked == [3]
    assert command(*arguments, "--threads", "0")[0] == 2
