import numpy as np
import pytest

from inkdigits.document import Reason
from inkdigits.io.picture import open_picture
from inkdigits.segmentation.components import find_components
from inkdigits.segmentation.finder import PageMap
from inkdigits.segmentation.found_ink import explained, found_ink, printed
from inkdigits.segmentation.segment import segment
from tests.reading.strokes import paper
from tests.segmentation.colours import BLACK, BLUE, RED, coloured, finder
from tests.segmentation.drawings import number, table


def page(text="0110", size=40, pen=5, tall=200, wide=400):
    return number(paper(tall, wide), text, 60, 70, size, pen)


def test_ink_has_the_shape_of_strokes_and_leaves_rules_and_print():
    written = page()
    rules = table(paper(200, 400), [20, 200, 380], [20, 180])
    words = number(paper(200, 400), "00", 280, 130, 30, 4)
    seen = coloured((rules, BLACK), (words, RED), (written, BLUE))
    found = found_ink(seen, finder().find(seen))
    assert found.dark
    truth = written < 128
    assert (found.map[truth] > 0.5).mean() > 0.97
    assert (found.map[~truth] > 0.5).mean() < 0.005
    assert found.faint is not None
    assert found.faint[100, 200] == 1


def test_ink_in_the_shade_is_as_sure_as_in_the_light():
    written = coloured((page("011010", wide=500), BLUE)).astype(np.float32)
    light = np.linspace(1, 0.35, written.shape[1])[None, :, None]
    seen = (written * light).round().astype(np.uint8)
    handwriting = np.where(page("011010", wide=500) < 200, 255, 0).astype(np.uint8)
    nothing = np.zeros_like(handwriting)
    ink = found_ink(seen, PageMap(handwriting, nothing, nothing)).map
    parts, _ = find_components(ink)
    assert len(parts) == 6
    assert all(part.ink.max() > 0.95 for part in parts)
    truth = page("011010", wide=500) < 128
    assert (ink[truth] > 0.5).mean() > 0.95


def test_chalk_is_lighter_than_its_board():
    written = page()
    seen = (255 - written * 0.9).astype(np.uint8)
    handwriting = 255 - written
    nothing = np.zeros_like(written)
    found = found_ink(seen, PageMap(handwriting, nothing, nothing))
    assert not found.dark
    assert (found.map[written < 100] > 0.5).mean() > 0.95


def test_where_nothing_is_written_there_is_no_ink():
    seen = coloured((page(), BLACK))
    found = found_ink(seen, finder().find(seen))
    assert found.map.max() == 0
    assert found.dark


def test_hypotheses_are_held_against_what_is_handwriting():
    seen = finder().find(coloured((page("01"), BLUE), (number(paper(200, 400), "0", 200, 70), RED)))
    ink = (255 - np.minimum(page("01"), number(paper(200, 400), "0", 200, 70))) / np.float32(255)
    parts = sorted(find_components(ink)[0], key=lambda part: part.left)
    support, missed = explained(parts, seen)
    assert len(support) == 3
    assert min(support[:2]) > 0.9
    assert support[2] < 0.2
    assert missed == 0
    _, missed = explained(parts[:1], seen)
    assert missed >= 0.8 * parts[1].width * parts[1].height


def test_print_is_told_of_with_its_place():
    words = number(paper(200, 400), "000", 200, 130, 30, 4)
    (one,) = printed(finder().find(coloured((words, RED))))
    assert one.reason is Reason.PRINT
    assert one.left == pytest.approx(200, abs=8)
    assert one.top == pytest.approx(130, abs=8)


def test_a_page_has_what_rules_find_and_what_a_finder_does():
    rules = table(paper(200, 400), [20, 380], [20, 180])
    seen = coloured((rules, BLACK), (page(), BLUE))
    by_rules, by_finder = segment(open_picture(seen), finder=finder()).hypotheses
    assert (by_rules.found_by, by_finder.found_by) == ("rules", "finder")
    assert [len(line.components) for line in by_finder.lines] == [4]
    assert min(by_finder.support) > 0.8
    assert by_finder.missed == 0


def test_a_clean_drawing_needs_no_finder():
    (only,) = segment(open_picture(coloured((page(), BLUE))), finder=finder()).hypotheses
    assert only.found_by == "rules"
    assert not only.support
