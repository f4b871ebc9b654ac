import io
import logging

from rich.console import Console

from inkdigits.training.loop import Batches
from inkdigits.training.progress import shown
from tests.training.epochs import row

DONE = Batches(2, 3, 40, 100, 120, [0.5, 0.25], [0.1, 0.1], 0.9)
ROW = row(epoch=2)


def said(terminal: bool, progress: bool = True) -> str:
    out = io.StringIO()
    with shown(progress, Console(file=out, force_terminal=terminal, width=120)) as display:
        display.batches(DONE)
        display.epoch(ROW, best=True)
        display.note("a path like runs/[x] stays as it is")
    return out.getvalue()


def test_plain_lines_where_there_is_no_terminal():
    assert said(terminal=False).splitlines() == [
        "epoch 2/3  batch 40/100  loss 0.2500",
        "epoch 2  loss 0.3000  accuracy 90.00%  validation loss 0.2000  accuracy 95.00%  4.2 s  "
        "best so far",
        "a path like runs/[x] stays as it is",
    ]


def test_live_bar_in_a_terminal():
    text = said(terminal=True)
    assert "loss 0.2500  accuracy 90.0%" in text
    assert "0:00" in text or "-:--" in text
    assert "runs/[x] stays" in text


def test_what_is_shown_is_logged_whether_it_is_shown_or_not(caplog):
    with caplog.at_level(logging.INFO, logger="inkdigits"):
        said(terminal=False, progress=False)
    assert [record.name for record in caplog.records] == ["inkdigits.training.progress"] * 2
    first, second = caplog.messages
    assert first.startswith("epoch 2  loss 0.3000") and first.endswith("best so far")
    assert second == "a path like runs/[x] stays as it is"


def test_silence_when_asked_for():
    assert said(terminal=True, progress=False) == said(terminal=False, progress=False) == ""
