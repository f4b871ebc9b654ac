"""Notes on standard error: what the package logs, as the command line prints it."""

import logging

from rich.console import Console

from ..errors import printable


def shown(text: str) -> str:
    """Return lines that any terminal may show."""
    return "".join(sign if sign in "\n\t" else printable(sign) for sign in text)


def print_sentence(sentence: str) -> None:
    """Print one sentence on standard error."""
    Console(stderr=True, soft_wrap=True).print(
        f"inkdigits: {shown(sentence)}", markup=False, highlight=False
    )


class Notes(logging.Handler):
    """Prints warnings of the logger ``inkdigits`` as sentences.

    What is logged below that is shown by the display of progress, which is not to be disturbed.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def start(self) -> None:
        """Begin to print."""
        self.quiet = False
        logging.getLogger("inkdigits").addHandler(self)

    @property
    def quiet(self) -> bool:
        """Whether errors alone are printed."""
        return self.level > logging.WARNING

    @quiet.setter
    def quiet(self, value: bool) -> None:
        self.setLevel(logging.ERROR if value else logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        print_sentence(record.getMessage())


notes = Notes()
