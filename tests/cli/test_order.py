"""Options are judged before data are looked for.

There are no data in these tests: a command that looked for them first would say so.
"""

import sys

import pytest

from inkdigits import cli
from inkdigits.training.run import Run

NOWHERE = ("--data", "nowhere")


@pytest.fixture
def refused(monkeypatch, capsys, tiny, tmp_path):
    """Run a command that is refused; return its sentence."""
    (tmp_path / "tiny.toml").write_text(tiny.dump())
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    Run.create(tiny, "taken")
    Run.create(tiny, "other")

    def go(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["inkdigits", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        return err

    return go


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--set", "nonsense"], "section.setting=value"),
        (["--set", "optimiser.rate=fast"], "optimiser.rate must be"),
        (["--device", "gpu"], "Unknown device 'gpu'"),
        (["--epochs", "0"], "--epochs must be"),
        (["--seed", "-1"], "--seed must be"),
        (["--threads", "0"], "--threads must be"),
        (["--name", "../up"], "../up"),
        (["--name", "taken"], "taken"),
        (["--init", "nothing"], "nothing"),
        (["--runs", "file"], "file"),
    ],
)
def test_options_of_train(refused, options, says):
    found = refused("train", "tiny.toml", *options, *NOWHERE)
    assert says in found
    assert "nowhere" not in found


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate", "taken", "--device", "gpu"], "Unknown device 'gpu'"),
        (["evaluate", "taken", "nothing"], "nothing"),
        (["find-lr", "tiny.toml", "--device", "gpu"], "Unknown device 'gpu'"),
        (["find-lr", "tiny.toml", "--out", "file"], "--out: file is a file"),
        (["find-lr", "tiny.toml", "--apply", "folder"], "--apply: folder is a folder"),
        (["find-lr", "tiny.toml", "--apply", "file/x.toml"], "--apply: file is a file"),
        (["tune", "tiny.toml", "--trials", "0"], "--trials must be"),
        (["tune", "tiny.toml", "--epochs", "0"], "--epochs must be"),
        (["tune", "tiny.toml", "--seeds", "0"], "--seeds must be"),
        (["tune", "tiny.toml", "--processes", "0"], "--processes must be"),
        (["tune", "tiny.toml", "--vary", "x"], "x"),
        (["tune", "tiny.toml", "--name", "../up"], "../up"),
        (["tune", "tiny.toml", "--device", "gpu"], "Unknown device 'gpu'"),
        (["tune", "tiny.toml", "--apply", "folder"], "--apply: folder is a folder"),
        (["ensemble", "taken"], "two"),
        (["ensemble", "taken", "other", "--device", "gpu"], "Unknown device 'gpu'"),
        (["ensemble", "taken", "other", "--name", "../up"], "../up"),
        (["ensemble", "taken", "other", "--name", "taken"], "taken"),
        (["export", "taken", "--out", "file"], "--out: file is a file"),
        (["export", "nothing"], "nothing"),
        (["data", "mnits"], "did you mean 'mnist'"),
        (["show", "--out", "folder"], "--out: folder is a folder"),
        (["show", "--index", "-1"], "--index must be"),
        (["show", "mnits"], "did you mean 'mnist'"),
    ],
)
def test_options_of_other_commands(refused, arguments, says):
    has_data = arguments[0] in ("find-lr", "tune", "ensemble", "export")
    found = refused(*arguments, *(NOWHERE if has_data else ()))
    assert says in found
    assert "MNIST is" not in found and "nowhere" not in found


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--min-confidence", "nan"], "--min-confidence must be"),
        (["--min-confidence", "1.5"], "--min-confidence must be"),
        (["--workers", "33"], "--workers must be"),
        (["--format", "jsn"], "did you mean 'json'"),
        (["--alphabet", "letters"], "letters"),
        (["--decimal", "dot"], "dot"),
        (["--annotated", "file"], "--annotated: file is a file"),
        (["--steps", "file/x"], "--steps: file is a file"),
        (["--recogniser", "nothing"], "nothing"),
    ],
)
def test_options_of_read_come_before_its_pictures(refused, options, says):
    found = refused("read", "missing/*.png", *options)
    assert says in found
    assert "missing" not in found
