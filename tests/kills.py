"""The end of a program before any of its operations on files, for tests that look what is left."""

from collections.abc import Callable

from inkdigits import files
from inkdigits.files import Disk

MOST = 200  # operations


class Killed(BaseException):
    """What stands for the end of a program: nothing catches it."""


class Fatal(Disk):
    """Kills before operation `at`, counted from 0; what is done later, a dead program does not."""

    def __init__(self, at: int) -> None:
        self.at, self.count, self.dead = at, 0, False

    def __getattribute__(self, name: str):
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found

        def call(*arguments):
            self.dead = self.dead or self.count == self.at
            if self.dead:
                raise Killed
            self.count += 1
            if name == "sync":  # the disk of a test may be slow: nobody takes its power away
                return None
            if name == "write":  # half of it is on disk when the end comes
                handle, content = arguments
                found(handle, content[: len(content) // 2])
                if self.count == self.at:
                    self.dead = True
                    raise Killed
                return found(handle, content[len(content) // 2 :])
            return found(*arguments)

        return call


def killed(at: int, program: Callable[[], object]) -> bool:
    """Run `program` and kill it before its operation `at`; return whether it got so far."""
    try:
        with files.using(Fatal(at)):
            program()
    except Killed:
        return True
    return False


def operations(program: Callable[[], object]) -> int:
    """Run `program`, and return how many operations on files that takes."""
    with files.using(disk := Fatal(-1)):
        program()
    return disk.count
