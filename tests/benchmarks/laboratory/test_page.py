import re
import shutil
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.laboratory import chart, page
from inkdigits.errors import FileError

ROOT = Path(__file__).parents[3]


def test_the_page_holds_every_figure_and_the_chart_every_dot(measured):
    written = page.write(measured)
    text = written.read_text()
    assert written == measured.parent / "benchmarks.md"
    for figure in ("99.19% (99.13% to 99.27%)", "98.50% to 99.80%", "0.98 s (0.97 s to 0.99 s)",
                   "slow-program: another program", "2 of 3", "31.40", "12,345", "1.23 points",
                   "pytorch compiled: there is no compiler",
                   "Not measured yet: `python -m benchmarks roofline`"):  # fmt: skip
        assert figure in text
    assert (measured.parent / "pictures" / page.CHART).read_bytes().startswith(b"\x89PNG")
    assert [dot.name for dot in page.dots(measured)] == ["quick", "slow-program"]


def test_published_systems_are_drawn_too(measured):
    shutil.copy(ROOT / "docs" / "published.json", measured.parent)
    groups = {dot.name: dot.group for dot in page.dots(measured)}
    assert groups["simple-cnn"] == groups["quick"] != groups["simple-cnn-published"]
    assert len(groups) == 12


def test_a_page_of_nothing_says_what_to_measure(tmp_path):
    text = page.write(tmp_path / "benchmarks").read_text()
    assert len(re.findall("Not measured yet", text)) == 4
    assert "pictures/" not in text


def test_figures_of_another_form_are_one_sentence(tmp_path):
    results.save(tmp_path, results.RECIPES, {"quick": {"seeds": 3}})
    with pytest.raises(FileError, match="restore it, or delete it"):
        page.write(tmp_path)


def test_the_page_in_docs_is_the_one_that_its_figures_give(tmp_path):
    folder = shutil.copytree(ROOT / "docs" / "benchmarks", tmp_path / "docs" / "benchmarks")
    shutil.copy(ROOT / "docs" / "published.json", folder.parent)
    assert page.write(folder).read_text() == (ROOT / "docs" / "benchmarks.md").read_text()


def test_no_label_of_the_chart_covers_another():
    dots = [
        chart.Dot(f"recipe {i}", "one", (1 + i / 9, 1 + i / 9, 1 + i / 9), (0.99, 0.989, 0.991))
        for i in range(8)
    ]
    figure = chart.accuracy_against_time(dots)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 8
    for place, box in enumerate(boxes):
        assert box.count_overlaps(boxes[place + 1 :]) == 0
