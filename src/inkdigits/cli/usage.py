"""Mistakes in a command line, as all other errors are: one sentence with cause and next step."""

from difflib import get_close_matches
from typing import Any

import typer


def sentence(error: typer.TyperException) -> str:
    """Return what is wrong with a command line, and what to do."""
    context = getattr(error, "ctx", None)
    path = "inkdigits" if context is None else context.command_path
    cause, meant = _cause(error, context)
    return f"{cause}: {f'did you mean {meant}?' if meant else f'see `{path} --help`.'}"


def _cause(error: typer.TyperException, context: Any) -> tuple[str, str | None]:
    """Return what is wrong, and the option or command that was probably meant."""
    kind, message = type(error).__name__, error.format_message()
    option, param = getattr(error, "option_name", ""), getattr(error, "param", None)
    if kind == "NoSuchOption":
        known = [name for one in context.command.params for name in one.opts]
        return f"Unknown option {option}", _likeliest(option, known)
    if kind == "BadOptionUsage":
        return f"{option} {'needs a' if 'requires' in message else 'takes no'} value", None
    if kind == "MissingParameter" and param is not None:
        return f"{_name(param)} is missing", None
    if isinstance(error, typer.BadParameter) and param is not None:
        return f"{_name(param)} must be {_expected(param, message)}", None
    if "No such command" in message:
        word = message.split("'")[1]
        return f"Unknown command {word}", _likeliest(word, context.command.commands)
    if "unexpected extra argument" in message:
        return f"Too many arguments, {message.partition('(s) (')[2].rstrip(')')}", None
    return message.rstrip("."), None


def _likeliest(word: str, known: Any) -> str | None:
    return next(iter(get_close_matches(word, known, 1, 0.7)), None)


def _name(param: Any) -> str:
    """Return what a person types, or reads in the help."""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.name.upper()).strip("[].")


def _expected(param: Any, message: str) -> str:
    """Return which values an option takes."""
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    number = "a number" if isinstance(param.default, float) else "a whole number"
    if least is not None and most is not None:
        return f"{number} from {least} to {most}"
    if least is not None:
        return f"{number}, {least} or more"
    return number if "number" in message or "integer" in message else "another value"
