import math
from pathlib import Path

from inkdigits.training.tensorboard import Board
from inkdigits.web.tensorboard_reader import MOST, StepReader

from .conftest import batches

STEPS = 9  # an epoch of the tiny digits


def test_steps_are_read_on_while_they_are_written(tmp_path):
    steps = StepReader(tmp_path)
    assert steps.read().done == 0
    with Board(tmp_path, 0, validates_on_test=False) as board:
        board.batches(batches(0, [3.0, 2.0]))
        assert steps.read().losses == [3.0, 2.0]
        board.batches(batches(2, [1.0]))
        assert steps.read().losses == [3.0, 2.0, 1.0]
    # A run that goes on from step 2 repeats the third.
    with Board(tmp_path, 2, validates_on_test=False) as board:
        board.batches(batches(2, [0.5, 0.25]))
    assert steps.read().losses == StepReader(tmp_path).read().losses == [3.0, 2.0, 0.5, 0.25]


def test_a_record_that_is_half_written_waits(tmp_path):
    with Board(tmp_path / "whole", 0, validates_on_test=False) as board:
        board.batches(batches(0, [3.0, 2.0]))
        path = Path(board.file.name)
    content = path.read_bytes()
    torn, steps = tmp_path / path.name, StepReader(tmp_path)
    for end in range(0, len(content) + 1, 7):
        torn.write_bytes(content[:end])
        steps.read()
    torn.write_bytes(content)
    assert steps.read().losses == [3.0, 2.0]
    torn.write_bytes(content[:40])  # another, shorter file in its place
    assert steps.read().losses == []


def test_many_steps_are_thinned_and_points_stay_where_they_are(tmp_path):
    steps = StepReader(tmp_path)
    with Board(tmp_path, 0, validates_on_test=False) as board:
        board.batches(batches(0, [float(step) for step in range(3 * MOST)]))
        before = steps.read()
        assert (before.done, before.every) == (3 * MOST, 4)
        assert before.losses[:2] == [1.5, 5.5]
        board.batches(batches(3 * MOST, [math.inf]))
        after = steps.read()
    assert len(after.losses) <= MOST
    assert after.losses[: len(before.losses)] == before.losses
    assert after.losses[-1] == math.inf
