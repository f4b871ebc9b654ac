import logging
import logging.config

import pytest

from inkdigits.web import logs


@pytest.fixture
def logged(capsys):
    """Return a function that logs as the server does, and returns what a terminal gets."""
    names = ("inkdigits", "uvicorn", "uvicorn.error", "py.warnings")
    before = {
        name: (logging.getLogger(name).handlers[:], logging.getLogger(name).propagate)
        for name in names
    }

    def log(name: str, message: str, *arguments: object, **more: object) -> str:
        logging.config.dictConfig(logs.configuration())
        logging.getLogger(name).error(message, *arguments, **more)
        return capsys.readouterr().err

    yield log
    for name, (handlers, propagate) in before.items():
        logging.getLogger(name).handlers = handlers
        logging.getLogger(name).propagate = propagate


@pytest.mark.parametrize("name", ["inkdigits", "uvicorn.error"])
def test_no_control_character_reaches_the_terminal(logged, name):
    assert logged(name, "%s failed", "/a\x1b[2J\x9b\r\u202eb") == (
        "ERROR: /a\\x1b[2J\\x9b\\r\\u202eb failed\n"
    )


def test_nor_one_in_the_error_that_is_logged(logged):
    written = logged("inkdigits", "failed", exc_info=ValueError("\x1b]0;title\x07"))
    assert written.endswith("ValueError: \\x1b]0;title\\x07\n")
    assert "\x1b" not in written
