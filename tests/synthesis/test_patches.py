import cv2
import numpy as np
import pytest

from inkdigits.synthesis import patches
from inkdigits.synthesis.forms import FORMS, Form
from inkdigits.synthesis.patches import CLASSES, HANDWRITING, OTHER, RULE, batch, classes_of, scene

SIDE = patches.SIDE


def random(seed=0):
    return np.random.default_rng(seed)


def test_a_batch_is_a_function_of_its_chance():
    pictures, classes = batch(5, random(3))
    again = batch(5, random(3))
    assert pictures.shape == (5, 3, SIDE, SIDE)
    assert classes.shape == (5, SIDE, SIDE)
    assert pictures.dtype == classes.dtype == np.uint8
    assert (pictures == again[0]).all()
    assert (classes == again[1]).all()
    assert (batch(5, random(4))[0] != pictures).any()


def test_every_class_comes_up_and_paper_most_of_all():
    _, classes = batch(24, random(1))
    shares = np.bincount(classes.ravel(), minlength=len(CLASSES)) / classes.size
    assert len(shares) == len(CLASSES)
    assert shares.argmax() == 0
    assert shares.min() > 0.005


def test_handwriting_counts_where_it_crosses_print_or_rules():
    covers = np.zeros((1, 4, 3), np.uint8)
    covers[0, 0] = 255, 255, 255
    covers[0, 1] = 0, 255, 255
    covers[0, 2] = 0, 255, 0
    assert classes_of(covers).tolist() == [[HANDWRITING, OTHER, RULE, 0]]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_a_form_says_where_writing_goes(kind):
    forms = []
    for seed in range(6):
        form = Form(np.zeros((320, 320), np.uint8), np.zeros((320, 320), np.uint8))
        kind(form, 36.0, random(seed))
        forms.append(form)
    assert any(form.places for form in forms)
    if kind.__name__ not in ("blank", "text"):
        assert all(form.rules.any() for form in forms)
    if kind.__name__ in ("fields", "text"):
        assert all(form.print.any() for form in forms)


def test_ink_on_plain_paper_is_as_dark_as_its_class_says(monkeypatch):
    monkeypatch.setattr(patches, "printed", empty)
    monkeypatch.setattr(patches, "paper", lambda side, *_: np.ones((side, side, 3), np.float32))
    monkeypatch.setattr(patches, "cluttered", lambda *_: None)
    found = [scene(random(seed)) for seed in range(8)]
    dark = [
        (made.picture.mean(2)[made.covers[..., 0] > 200], made.picture.mean(2)[bare(made)])
        for made in found
        if made.covers[..., 0].any() and not made.covers[..., 1:].any()
    ]
    assert dark
    for written, paper in dark:
        assert abs(float(written.mean()) - float(np.median(paper))) > 0.1


def bare(made):
    return cv2.dilate(made.covers[..., 0], np.ones((9, 9), np.uint8)) == 0


def empty(side, tall, random):
    form = Form(np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8))
    FORM_BLANK(form, tall, random)
    return form


FORM_BLANK = next(kind for kind in FORMS if kind.__name__ == "blank")


def test_people_write_where_there_are_any():
    asked = []

    class Ones:
        def write(self, text, style, tall, random):
            asked.append(text)
            return patches.write("1", style, tall, random)

    assert any(scene(random(seed), Ones()) and asked for seed in range(60))
