"""What stands in for a public name whose part of the package is not installed.

``from inkdigits import *``, `inspect` and `help` go through every name; none of them fails for one
that nobody uses. What is used raises `MissingExtraError`, which tells how to install it.
"""

from typing import Any, NoReturn

from .errors import MissingExtraError

OURS = "inkdigits"


class Missing(type):
    """The type of stand-ins: classes that cannot be called and have no attributes."""

    __missing: ModuleNotFoundError

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        """Raise the error."""
        raise cls._error()

    def __getattr__(cls, name: str) -> NoReturn:
        """Raise the error, which is an `AttributeError`, too."""
        if name.startswith("_"):  # Python and notebooks ask for these: nobody uses anything
            raise AttributeError(f"{cls.__name__!r} has no attribute {name!r}")
        raise cls._error()

    def _error(cls) -> MissingExtraError:
        return MissingExtraError.of(cls.__missing)


def stand_in(name: str, missing: ModuleNotFoundError) -> type:
    """Return what stands in for the public name `name`, which needs a module that is missing.

    Raises
    ------
    ModuleNotFoundError
        If the module is one of this package, which is then damaged.
    """
    if (missing.name or OURS).partition(".")[0] == OURS:
        raise missing
    sentence = str(MissingExtraError.of(missing))
    return Missing(
        name, (), {"__doc__": sentence, "__module__": OURS, "_Missing__missing": missing}
    )
