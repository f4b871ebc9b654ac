"""The server: where it listens, what it says when it starts, and how it ends."""

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import InkdigitsError
from ..reading.reader import Reader
from .settings import HEAD_BYTES, Settings

if TYPE_CHECKING:
    import uvicorn

    from .middleware import App

UNKNOWN_HOST = (socket.EAI_NONAME, socket.EAI_AGAIN)  # what a look-up of a name ends with
BACKLOG = 512
CONNECTIONS = 2000
LEAVE = 3  # seconds for answers that are under way when the server is told to end


def serve(settings: Settings, say: Callable[[str], None], warn: Callable[[str], None]) -> None:
    """Answer until Ctrl-C.

    Parameters
    ----------
    settings
        Where, and what is read and written.
    say
        Is told where the page is once it can be opened, and when it ends.
    warn
        Is told what is to be known of the recogniser before it is trusted.

    Raises
    ------
    InkdigitsError
        If the address cannot be had, or if there is no such recogniser.
    """
    import uvicorn

    from .app import create_app

    recogniser = Reader(settings.recogniser).recogniser  # with the network of lines, as in Python
    config = configuration(create_app(settings, recogniser))
    with _listening(settings) as door:
        port = door.getsockname()[1]
        name = f"[{settings.host}]" if ":" in settings.host else settings.host
        say(f"Serving at http://{name}:{port}/ (press Ctrl-C to stop).")
        if warning := Reader.of(recogniser).warning:
            warn(warning)
        if not settings.private:
            say("Anyone who can reach this machine can read pictures and see your runs.")
            say(_how_others_open(settings, port))
        with suppress(KeyboardInterrupt):  # how it is meant to end
            # Told to end by another program, it ends in the same way.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            uvicorn.Server(config).run(sockets=[door])
    say("Stopped.")


def configuration(app: "App", **changes: Any) -> "uvicorn.Config":
    """Return how uvicorn serves `app`; tests change some of it."""
    import uvicorn

    from . import logs
    from .connection import Connection

    options: dict[str, Any] = {
        "http": Connection,
        "ws": "none",
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "log_config": logs.configuration(),
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": LEAVE,
        "limit_concurrency": CONNECTIONS,
        "backlog": BACKLOG,
    }
    return uvicorn.Config(app, **{**options, **changes})


def _how_others_open(settings: Settings, port: int) -> str:
    from .hosts import own_names

    if settings.allowed_hosts:
        also = ", ".join(settings.allowed_hosts)
        return f"It accepts requests for the names and addresses of this machine, and for {also}."
    name = min(own_names(), default="NAME")
    return (
        f"Others can open it at this machine's address, or at http://{name}:{port}/; "
        "to allow another name, start it with --allow-host NAME."
    )


def _listening(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        if getattr(error, "errno", None) in UNKNOWN_HOST:
            raise InkdigitsError(
                f"Unknown host {settings.host!r}: name an address of this machine with --host."
            ) from error
        raise InkdigitsError(
            f"Cannot listen on {settings.host}:{settings.port} ({why}): "
            f"choose another port with --port {settings.port + 1}, or another --host."
        ) from error
