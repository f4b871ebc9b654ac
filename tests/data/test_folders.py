import numpy as np
import pytest
from PIL import Image

import inkdigits
from inkdigits.data import describe, load_collection, load_digits, own
from inkdigits.errors import DataError, FileError


@pytest.fixture
def folder(tmp_path, written):
    """Return a folder with 200 digits, twenty of each."""
    place = tmp_path / "own"
    for label in range(10):
        for image in written.images[written.labels == label][:20]:
            own.keep(place, image, label)
    return place


def test_what_is_kept_is_what_is_loaded(folder, written):
    collection = own.load(folder)
    halves = (collection.training, collection.open_test())
    assert sum(len(half) for half in halves) == 200
    assert all(half.counts.min() > 0 for half in halves[:1])
    known = {image.tobytes(): int(label) for image, label in
             zip(written.images, written.labels, strict=True)}  # fmt: skip
    for half in halves:
        for image, label in zip(half.images, half.labels, strict=True):
            assert known[image.tobytes()] == label


def test_a_digit_stays_in_its_half_when_others_come(folder, written):
    before = {image.tobytes() for image in own.load(folder).open_test().images}
    for image, label in zip(written.images[-100:], written.labels[-100:], strict=True):
        own.keep(folder, image, int(label))
    after = {image.tobytes() for image in own.load(folder).open_test().images}
    assert before <= after
    assert len(after) > len(before)


def test_the_same_picture_is_kept_once_under_its_last_label(tmp_path, written):
    for label in (3, 3, 8):
        path = own.keep(tmp_path, written.images[0], label)
    assert own.files(tmp_path) == [path]
    assert path.parent.name == "8"


def test_what_cannot_be_removed_is_one_sentence(tmp_path, written):
    (tmp_path / "8").write_bytes(b"no folder")
    with pytest.raises(FileError, match="Cannot remove"):
        own.keep(tmp_path, written.images[0], 3)


@pytest.mark.parametrize(
    ("seen", "label"),
    [
        (np.zeros((28, 27), np.uint8), 1),
        (np.zeros((28, 28)), 1),
        (np.zeros((28, 28), np.uint8), 10),
    ],
)
def test_what_is_no_digit_is_not_kept(tmp_path, seen, label):
    with pytest.raises(DataError, match="28×28"):
        own.keep(tmp_path, seen, label)
    assert not list(tmp_path.iterdir())


def test_too_few_to_learn_from_or_to_judge_by_are_one_sentence(tmp_path, written, tiny, folder):
    few = tmp_path / "few"
    for image in written.images:
        path = own.keep(few, image, 4)
        if not len(load_collection("own", few).open_test()):
            break
        path.unlink()
    alone = {"data.name": "own"}
    with pytest.raises(DataError, match=r"to learn from: 1, of a 0 only 0.*mnist\+own"):
        inkdigits.train(tiny, settings=alone, data=few, progress=False)
    run = inkdigits.train(tiny, epochs=1, settings=alone, data=folder, progress=False)
    with pytest.raises(DataError, match="no digits in own test"):
        inkdigits.evaluate(run)
    assert describe("own", few)[2][1][1] == "0"


def test_bad_folders_are_one_sentence(tmp_path, folder):
    with pytest.raises(DataError, match="name it with --data"):
        load_collection("own")
    with pytest.raises(DataError, match="holds no digits of your own"):
        load_collection("own", tmp_path / "nothing")
    (folder / "3" / "large.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="no PNG file"):
        own.load(folder)
    Image.new("L", (30, 28)).save(folder / "3" / "large.png")
    with pytest.raises(DataError, match="30×28, not 28×28"):
        own.load(folder)


def test_beside_mnist_they_are_learned_from_and_mnist_is_tested(folder, small_mnist, monkeypatch):
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    mine = own.load(folder).training
    digits = load_digits("mnist+own", folder=folder)
    assert len(digits.train) + len(digits.validation) == 600 + len(mine)
    assert len(digits.test) == 200


def test_training_with_the_folder_adds_them_and_says_so(
    folder, small_mnist, monkeypatch, tiny, capsys
):
    monkeypatch.setenv("INKDIGITS_DATA", str(small_mnist))
    run = inkdigits.train(tiny, epochs=1, data=folder)
    assert run.recipe.data.name == "mnist+own"
    assert "Digits of your own in" in capsys.readouterr().out
    found = inkdigits.evaluate(run)
    assert found.accuracy.count == 200
    alone = inkdigits.train(
        tiny, epochs=1, data=folder, settings={"data.name": "own"}, name="alone", progress=False
    )
    assert alone.environment["data"]["train"]["name"] == "own train"
