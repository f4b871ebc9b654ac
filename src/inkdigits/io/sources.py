"""Sources: paths, file objects and bytes are read, none of them without end."""

import io
import stat
from pathlib import Path
from typing import IO, Any

from ..errors import PictureError
from .guard import picture_error

MOST_BYTES = 200_000_000
KINDS = {  # of what has a name and is no file, and how it is called
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def kind(mode: int) -> str | None:
    """Return what a name stands for that is no file and no folder, by its mode; None if it is."""
    return next((called for is_one, called in KINDS.items() if is_one(mode)), None)


def read_path(path: Path) -> bytes:
    """Return what is in a file.

    Raises
    ------
    PictureError
        If it cannot be read, is too much, or is no file: a pipe would be waited for.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise picture_error(f"{path} is a folder: pass the pictures in it.")
        if (other := kind(about.st_mode)) is not None:
            raise picture_error(
                f"{path} is {other}: pass a file, or pipe it to standard input, `-`."
            )
        if about.st_size > MOST_BYTES:
            raise _too_much(str(path))
        with path.open("rb") as file:
            return limited(file, str(path))
    except ValueError as error:  # a null character in the name
        raise picture_error(f"{str(path)!r} is not a valid path: pass a file.") from error
    except OSError as error:
        raise picture_error(
            f"Cannot read {path}: {error.strerror or error}; check the path and its permissions."
        ) from error


def content(source: Any) -> bytes:
    """Return what is in a file object, or in something like bytes.

    Raises
    ------
    PictureError
        If it cannot be read, or is too much.
    """
    if isinstance(source, io.TextIOBase):
        raise picture_error("The file object returns text: open it in binary mode.")
    try:
        file = source if hasattr(source, "read") else io.BytesIO(bytes(source))
        return limited(file, "the picture")
    except PictureError:
        raise
    except Exception as error:  # any object may come
        raise picture_error(
            f"{type(source).__name__} cannot be read: pass a path, bytes or a file opened in "
            "binary mode."
        ) from error


def limited(file: IO[Any], name: str) -> bytes:
    """Return what is left in a file object, unless it is too much.

    Raises
    ------
    PictureError
        If it is, or if it is text.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := file.read(MOST_BYTES + 1 - size):  # a pipe gives one piece after the other
        if isinstance(piece, str):
            raise picture_error("The file object returns text: open it in binary mode.")
        pieces.append(bytes(piece))
        size += len(piece)
        if size > MOST_BYTES:
            raise _too_much(name)
    return b"".join(pieces)


def _too_much(name: str) -> PictureError:
    return picture_error(
        f"{name} has more than {MOST_BYTES // 1_000_000} MB: save it smaller, as JPEG or PNG."
    )
