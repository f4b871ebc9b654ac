import sys

import pytest

from benchmarks import __main__ as command_line
from benchmarks import results
from benchmarks.laboratory import inference, recipes, roofline, suite
from tests.benchmarks.conftest import INFERENCE, MACHINE, QUICK, spread


@pytest.fixture
def short(monkeypatch):
    """Make the suite short: all figures are told, none is measured."""
    machine = {
        "machine": MACHINE,
        "products": [{"precision": "float32", "threads": 1, "size": 8, "n": 1,
                      "gflops": spread(123)}],
        "training": [{"recipe": "quick", "precision": "float32", "threads": 1, "digits": 9, "n": 1,
                      "multiply_adds": 7, "gflops": spread(12), "part": 0.125}],
        "where": {"recipe": "quick", "digits": 9, "seconds": 1.0, "seconds_profiled": 1.5,
                  "rows": [{"kind": "pooling", "seconds": 1.0, "part": 1.0}]},
        "missing": [roofline.NO_BFLOAT16],
    }  # fmt: skip

    def told(what, found):
        return lambda out, *_: results.save(out, what, found)

    def trained(_names, _seeds, out, *_, called):
        rows = results.load(out, results.RECIPES)
        results.save(out, results.RECIPES, {**rows, called: QUICK})

    monkeypatch.setattr(recipes, "measure", trained)
    monkeypatch.setattr(roofline, "measure", told(results.MACHINE, machine))
    monkeypatch.setattr(inference, "measure", told(results.INFERENCE, INFERENCE))
    monkeypatch.setattr(suite, "accelerators", list)


def benchmark(monkeypatch, capsys, *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as end:
        command_line.main()
        sys.exit(0)
    out, err = capsys.readouterr()
    assert not end.value.code, err
    return str(out)


@pytest.mark.usefixtures("short")
def test_it_measures_what_fits_and_says_what_is_missing(tmp_path, monkeypatch, capsys):
    said = benchmark(monkeypatch, capsys, "suite")
    for text in ("123 (122 to 124) GFLOP/s", "12.5%", "12,345", "a GPU", "no compiler",
                 "no instructions", "an abacus"):  # fmt: skip
        assert text in said
    folder = tmp_path / "runs" / "_suite" / "benchmarks"
    assert list(results.load(folder, results.RECIPES)) == ["quick"]
    assert (folder.parent / "benchmarks.md").is_file()
    assert not (tmp_path / "docs").exists()


@pytest.mark.usefixtures("short")
def test_an_accelerator_gets_a_row_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(suite, "accelerators", lambda: ["cuda"])
    suite.measure(tmp_path / "out", None, print)
    assert list(results.load(tmp_path / "out", results.RECIPES)) == ["quick", "quick on cuda"]
    assert "a GPU" not in str(suite.table(tmp_path / "out"))


def test_the_page_is_written_again_from_what_was_measured(monkeypatch, capsys, measured):
    said = benchmark(monkeypatch, capsys, "page", "--out", str(measured))
    assert f"Written: {measured.parent / 'benchmarks.md'}" in said.replace("\n", "")
