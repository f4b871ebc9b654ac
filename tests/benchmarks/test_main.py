"""The command line of all measuring."""

import sys
from importlib import import_module

import pytest

from benchmarks import __main__ as command_line
from benchmarks import results


def run(monkeypatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as end:
        command_line.main()
    return end.value.code


def test_the_help_lists_every_command(monkeypatch, capsys):
    assert run(monkeypatch, "--help") == 0
    text = capsys.readouterr().out
    for name in ("suite", "models", *(one[0] for one in command_line.MEASUREMENTS)):
        assert f" {name} " in text


@pytest.mark.parametrize("name", [one[0] for one in command_line.MEASUREMENTS])
def test_every_measurement_explains_its_options(name, monkeypatch, capsys):
    assert run(monkeypatch, name, "--help") == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: python -m benchmarks {name} [-h]")
    (module,) = (one[1] for one in command_line.MEASUREMENTS if one[0] == name)
    assert (import_module(f"benchmarks.{module}").__doc__ or "").strip() in text.replace("%%", "%")


def test_an_unknown_option_of_a_measurement_is_refused(monkeypatch, capsys):
    assert run(monkeypatch, "stress", "--nonsense") == 2
    assert "unrecognized arguments: --nonsense" in capsys.readouterr().err


def test_a_user_error_is_one_sentence(monkeypatch, capsys, tmp_path):
    (tmp_path / "recipes.json").write_text("[")
    assert run(monkeypatch, "page", "--out", str(tmp_path)) == 2
    assert "recipes.json is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["models", "recogniser", "guide"])
def test_what_the_package_ships_with_is_written_only_where_it_is_asked_for(
    name, monkeypatch, capsys
):
    assert run(monkeypatch, name) == 2
    assert "--out is missing" in capsys.readouterr().err


def test_a_page_without_figures_of_recipes_leaves_recipes_alone(monkeypatch, capsys, tmp_path):
    folder, recipes = tmp_path / "docs" / "benchmarks", tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "mine.toml").write_text('about = "x"\n')
    results.save(folder, results.RECIPES, {})
    assert run(monkeypatch, "page", "--out", str(folder), "--recipes", str(recipes)) == 2
    assert "no figures of recipes" in capsys.readouterr().err.replace("\n", " ")
    assert (recipes / "mine.toml").read_text() == 'about = "x"\n'
