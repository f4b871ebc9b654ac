"""Of the hypotheses of a page the one that explains it best is taken."""

from dataclasses import replace

import numpy as np
import pytest

from inkdigits.document import Reason
from inkdigits.io.picture import open_picture
from inkdigits.reading.choose import chosen, highest_score, score
from inkdigits.reading.read import ReadOptions, read
from inkdigits.recognition.line import ComponentLineRecogniser
from inkdigits.recognition.recogniser import Prediction
from inkdigits.segmentation.components import Unread
from inkdigits.segmentation.segment import segment
from tests.cli.pages import row
from tests.reading.strokes import Shapes, paper
from tests.segmentation.drawings import block


def test_ink_that_no_line_explains_speaks_against_a_hypothesis():
    shapes = ComponentLineRecogniser(Shapes())  # type: ignore[arg-type]
    (hypothesis,) = segment(open_picture(row(paper(100, 300), "0110"))).hypotheses
    speck = Unread.of(block(0, 0, 40, 40), Reason.SPECK)
    rule = Unread.of(block(0, 0, 300, 40), Reason.RULE)
    plain, explained, unexplained = (
        score(replace(hypothesis, unread=unread), shapes.read(hypothesis.lines))
        for unread in ([], [rule], [speck])
    )
    assert unexplained < explained == plain


@pytest.mark.parametrize(("text", "asked"), [("0110", 1), ("xx1x", 2)])
def test_what_could_not_explain_a_page_better_is_not_read(text, asked):
    class Counting(Shapes):
        times = 0

        def read(self, ink: np.ndarray) -> Prediction:
            self.times += len(ink)
            return super().read(ink)

    found = segment(open_picture(row(paper(100, 300), text)), keep=True)
    (likely,) = found.hypotheses
    # So much of its ink is in no line that it is at best half as good.
    rest = [Unread.of(block(0, 0, 300, 100), Reason.SPECK)]
    unlikely = replace(likely, unread=rest, found_by="finder")
    once, both = Counting(), Counting()
    for shapes, hypotheses in ((once, [likely]), (both, [unlikely, likely])):
        read([replace(found, hypotheses=hypotheses)], shapes, ReadOptions(rotate=False))  # type: ignore[arg-type]
    assert highest_score(unlikely) < 0.9
    assert both.times == once.times * asked


def test_what_reads_better_scores_higher():
    shapes = ComponentLineRecogniser(Shapes())  # type: ignore[arg-type]
    scores = []
    for text in ("0110", "01x0", "xx0x", "xxxx"):
        (hypothesis,) = segment(open_picture(row(paper(100, 300), text))).hypotheses
        scores.append(score(hypothesis, shapes.read(hypothesis.lines)))
    assert scores == sorted(scores, reverse=True) and 0 <= scores[-1] < 0.1 < 0.9 < scores[0] <= 1
    (empty,) = segment(open_picture(paper())).hypotheses
    assert score(empty, []) == 0


@pytest.mark.parametrize("seen", [1.0, 0.0])
def test_what_another_reads_for_certain_is_left_over_if_it_may_be_writing(seen):
    page = segment(open_picture(row(paper(100, 300), "0110")))
    (whole,) = page.hypotheses
    few = replace(whole.lines[0], components=whole.lines[0].components[:3])
    # Without the last digit all of it is read, and it is a little likelier by itself.
    part = replace(whole, lines=[few], found_by="finder", support=(1.0, 1.0, 1.0))
    whole = replace(whole, support=(0.49, 0.49, 0.49, 0.49 * seen))
    reader = ComponentLineRecogniser(Shapes())  # type: ignore[arg-type]
    (found,) = chosen([replace(page, hypotheses=[whole, part])], reader)
    assert len(found.hypothesis.components) == (4 if seen else 3)
