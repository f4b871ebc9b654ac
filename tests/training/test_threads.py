import pytest
import torch

from inkdigits.training import threads


@pytest.mark.parametrize(
    ("seconds", "times", "rounds"),
    [
        ([1.0, 0.6], 0.6, 1),  # an idle machine
        ([1.0, 9.0, 1.0, 0.5, 1.0, 0.7], 0.7, 3),  # something came in between, once
        ([1.0, 9.0, 1.0, 20.0, 2.0, 20.0], 10.0, 3),  # a busy one
    ],
)
def test_several_threads_are_held_against_one(seconds, times, rounds):
    asked, left = [], iter(seconds)

    def measure(count: int) -> float:
        asked.append(count)
        return next(left)

    assert threads.slowdown(measure, 4) == pytest.approx(times)
    assert asked == [1, 4] * rounds


def test_one_thread_is_not_measured():
    assert threads.slowdown(lambda _: pytest.fail("measured"), 1) == 1.0


def test_the_number_of_threads_stays_as_it_was():
    before = torch.get_num_threads()
    assert threads.slowdown(threads=2) > 0
    assert torch.get_num_threads() == before


def test_the_hint_says_what_to_do_where_threads_are_slow(monkeypatch):
    monkeypatch.setattr(threads, "slowdown", lambda: 10.4)
    found = threads.hint(torch.device("cpu"))
    assert found is not None
    assert "10 times slower" in found and "--threads 1" in found
    assert threads.hint(torch.device("meta")) is None
    monkeypatch.setattr(threads, "slowdown", lambda: 0.6)
    assert threads.hint(torch.device("cpu")) is None
