import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.errors import RecipeError
from inkdigits.training.schedule import NAMES, Schedule


@given(st.sampled_from(NAMES), st.floats(0, 1))
def test_every_schedule_stays_between_nothing_and_the_whole_rate(name, progress):
    settings = {"one-cycle": {"warmup": 0.3}, "range": {"start": 1e-5}}.get(name, {})
    assert 0 <= Schedule(name, **settings).at(progress) <= 1 + 1e-12


def test_constant_stays():
    assert {Schedule().at(t / 10) for t in range(11)} == {1.0}


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_falls_from_one_to_final(name):
    schedule = Schedule(name, final=0.1)
    assert schedule.at(0) == 1
    assert schedule.at(0.5) == pytest.approx(0.55)
    assert schedule.at(1) == pytest.approx(0.1)


def test_one_cycle_rises_then_falls():
    schedule = Schedule("one-cycle", warmup=0.25)
    assert schedule.at(0) == 0
    assert schedule.at(0.125) == pytest.approx(0.5)
    assert schedule.at(0.25) == 1
    assert schedule.at(1) == pytest.approx(0)


def test_step_multiplies_at_every_step():
    schedule = Schedule("step", gamma=0.5, every=0.25)
    values = [schedule.at(t) for t in (0, 0.2, 0.25, 0.5, 0.99)]
    assert values == [1, 1, 0.5, 0.25, 0.125]


def test_range_rises_geometrically():
    schedule = Schedule("range", start=1e-4)
    assert [schedule.at(t) for t in (0, 0.5, 1)] == pytest.approx([1e-4, 1e-2, 1])


def test_a_scheduler_never_stepped_leaves_its_first_factor_for_ever():
    schedule = Schedule(factor=1 / 3)
    assert schedule.at(0) == schedule.at(1) == 1 / 3


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"name": "cosin"}, "did you mean 'cosine'"),
        ({"warmup": 1.5}, "schedule.warmup must be from 0 to 1"),
        ({"name": "one-cycle"}, "try 0.2"),
        ({"every": 0.0}, "from 0.001 to 1"),
        ({"gamma": 0.0}, "from 0.001 to 1"),
        ({"name": "range"}, "start above 0"),
    ],
)
def test_impossible_schedules_are_refused(settings, says):
    with pytest.raises(RecipeError, match=says):
        Schedule(**settings)
