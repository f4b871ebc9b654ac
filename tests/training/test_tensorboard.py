import errno
import io
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from inkdigits import files, training
from inkdigits.errors import FileError
from inkdigits.files import Disk
from inkdigits.training.tensorboard import misread_sheet


def scalars(run) -> dict[str, list[tuple[int, float]]]:
    found = defaultdict(list)
    for path in sorted((run.path / "tensorboard").iterdir()):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.tag == "Misread":
                    found[value.tag].append((event.step, 0.0))
                else:
                    found[value.tag].append((event.step, value.tensor.float_val[0]))
    return dict(found)


@pytest.fixture
def train(small_mnist, tiny):
    return lambda **options: training.train(tiny, data=small_mnist, progress=False, **options)


def test_every_step_and_every_epoch_is_there(train):
    run = train(epochs=2)
    found = scalars(run)
    assert [step for step, _ in found["Loss/Train"]] == list(range(1, 19))
    assert [step for step, _ in found["Accuracy/Validation"]] == [9, 18]
    assert [value for _, value in found["Loss/Validation"]] == pytest.approx(
        [row.validation_loss for row in run.history]
    )
    assert len(found["LearningRate"]) == 18
    assert len(found["Misread"]) == 2
    assert "Loss/Test" not in found


def test_curves_bear_the_name_of_the_test_where_it_is_the_test(train):
    found = scalars(train(epochs=1, settings={"data.split": "validate-on-test"}))
    assert found["Accuracy/Test"] == found["Accuracy/Validation"]
    assert found["Loss/Test"] == found["Loss/Validation"]


def test_resumed_run_goes_on_counting(train, small_mnist):
    run = train(epochs=1)
    training.resume(run, epochs=2, data=small_mnist, progress=False)
    assert [step for step, _ in scalars(run)["Loss/Train"]] == list(range(1, 19))


def test_what_an_unfinished_epoch_wrote_is_forgotten_and_the_rest_kept(train, small_mnist):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train(epochs=1)
    training.resume(run, epochs=2, data=small_mnist, progress=False)
    folder = run.path / "tensorboard"
    shown = EventAccumulator(str(folder)).Reload()
    assert [event.step for event in shown.Scalars("Loss/Validation")] == [9, 18]
    assert [event.step for event in shown.Scalars("Loss/Train")] == list(range(1, 19))


def test_full_disk_is_one_sentence(tmp_path):
    from inkdigits.training.loop import Batches
    from inkdigits.training.tensorboard import Board

    class Full(Disk):
        def write(self, _handle, _content):
            raise OSError(errno.ENOSPC, "No space left on device")

    with (
        Board(tmp_path, 0, validates_on_test=False) as board,
        files.using(Full()),
        pytest.raises(FileError, match="No space left on device; free some space"),
    ):
        board.batches(Batches(1, 1, 1, 1, 0, [0.5], [0.1], 0.5))


def test_sheet_shows_misread_digits_only(written):
    right = written.labels.astype(np.int64)
    with Image.open(io.BytesIO(misread_sheet(written, right, written.alphabet.names))) as empty:
        assert empty.getextrema() == (0, 0)
    with Image.open(io.BytesIO(misread_sheet(written, 9 - right, written.alphabet.names))) as sheet:
        assert sheet.size == (448, 640)
        assert sheet.getextrema() == (0, 255)
