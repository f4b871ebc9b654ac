"""The page: draw, see inside, compare runs, learn. A server on this machine, and what it shows."""

import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from ..errors import InkdigitsError
from .settings import Settings

__all__ = ["Settings", "serve"]

BACKLOG = 512
LEAVE = 3  # seconds for answers that are under way when the server is told to end


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Answer until Ctrl-C.

    Parameters
    ----------
    settings
        Where, and what is read and written.
    say
        Is told where the page is once it can be opened, and when it ends.

    Raises
    ------
    InkdigitsError
        If the address cannot be had, or if there is no such recogniser.
    """
    import uvicorn

    from .app import create_app
    from .connection import Connection

    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=Connection,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=LEAVE,
        limit_concurrency=2000,
        backlog=BACKLOG,
    )
    with _listening(settings) as door:
        port = door.getsockname()[1]
        name = f"[{settings.host}]" if ":" in settings.host else settings.host
        say(f"The page is at http://{name}:{port}/; Ctrl-C ends it.")
        if not settings.private:
            say("Whoever can reach this machine can read pictures, and see your runs.")
        with suppress(KeyboardInterrupt):  # how it is meant to end
            # Told to end by another program, it ends in the same way.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            uvicorn.Server(config).run(sockets=[door])
    say("Ended.")


def _listening(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise InkdigitsError(
            f"Cannot listen on {settings.host}:{settings.port} ({why}): "
            f"choose another port with --port {settings.port + 1}, or another --host."
        ) from error
