import math

from inkdigits.training.steps import FILE, StepLog
from inkdigits.web.step_curves import MOST, StepReader

from .conftest import batches


def test_steps_are_read_on_while_they_are_written(tmp_path):
    steps = StepReader(tmp_path / FILE)
    assert steps.read().done == 0
    with StepLog(tmp_path, 0) as log:
        log.batches(batches(0, [3.0, 2.0]))
        assert steps.read().losses == [3.0, 2.0]
        log.batches(batches(2, [1.0]))
        assert steps.read().losses == [3.0, 2.0, 1.0]
    # A run that goes on from step 2 repeats the third.
    with StepLog(tmp_path, 2) as log:
        log.batches(batches(2, [0.5, 0.25]))
    found = steps.read()
    assert found.losses == [3.0, 2.0, 0.5, 0.25]
    assert found == StepReader(tmp_path / FILE).read()
    (tmp_path / FILE).unlink()
    assert steps.read().done == 0


def test_a_row_that_is_half_written_waits(tmp_path):
    with StepLog(tmp_path, 0) as log:
        log.batches(batches(0, [3.0, 2.0]))
    content = (tmp_path / FILE).read_bytes()
    torn = tmp_path / "torn.csv"
    steps = StepReader(torn)
    torn.touch()
    for end in range(len(content) + 1):
        with torn.open("ab") as file:
            file.write(content[end : end + 1])
        assert steps.read().losses in ([], [3.0], [3.0, 2.0])
    assert steps.read().losses == [3.0, 2.0]
    torn.write_bytes(content[:30])  # a shorter file in its place
    assert steps.read().losses == [3.0]


def test_damaged_rows_are_passed_over_and_what_is_no_file_is_empty(tmp_path):
    (tmp_path / FILE).write_bytes(b"step,loss,rate\n1,3.0,0.1\n2,x\n\xff\n3,1.0,0.1\n")
    assert StepReader(tmp_path / FILE).read().losses == [3.0, 1.0]
    assert StepReader(tmp_path).read().done == 0


def test_many_steps_are_thinned_and_points_stay_where_they_are(tmp_path):
    steps = StepReader(tmp_path / FILE)
    with StepLog(tmp_path, 0) as log:
        log.batches(batches(0, [float(step) for step in range(3 * MOST)]))
        before = steps.read()
        assert (before.done, before.every) == (3 * MOST, 4)
        assert before.losses[:2] == [1.5, 5.5]
        log.batches(batches(3 * MOST, [math.inf]))
        after = steps.read()
    assert len(after.losses) <= MOST
    assert after.losses[: len(before.losses)] == before.losses
    assert after.losses[-1] == math.inf
