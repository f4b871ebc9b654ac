import numpy as np
import pytest

from inkdigits.evaluation import plots

NAMES = ("Banane", "cat", "extraordinarily long class name", "éclair")


def _overlap(figure, texts):
    """Whether two of these texts lie over each other when the figure is drawn."""
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in texts]
    return any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


@pytest.mark.parametrize("count", [4, 26])
def test_names_of_classes_do_not_overlap_beside_a_matrix(count):
    symbols = [NAMES[at % 4] for at in range(count)]
    figure = plots.confusion(np.full((count, count), 3), symbols)
    axes = figure.axes[0]
    assert not _overlap(figure, axes.get_xticklabels())
    assert not _overlap(figure, axes.get_yticklabels())


def test_digits_stand_upright_beside_a_matrix():
    figure = plots.confusion(np.eye(10, dtype=int), list("0123456789"))
    assert {label.get_rotation() for label in figure.axes[0].get_xticklabels()} == {0.0}


def test_titles_with_names_do_not_overlap():
    titles = [f"T: {true}  P: {name}  98%" for true in NAMES for name in NAMES]
    figure = plots.gallery(np.zeros((16, 20, 24), np.uint8), titles, ["red"] * 16, across=8)
    assert not _overlap(figure, [axes.title for axes in figure.axes])
    assert figure.axes[0].get_title() == "T: Banane\nP: Banane\n98%"


def test_short_titles_stay_in_one_line():
    figure = plots.gallery(np.zeros((1, 28, 28), np.uint8), ["T: 1  P: 7  99%"], ["red"], across=8)
    assert figure.axes[0].get_title() == "T: 1  P: 7  99%"
