"""The names under which a server may be opened, against pages that have their own changed to it.

A page of elsewhere whose name is pointed at this machine in passing (DNS rebinding) has the
browser ask us under that name. So only names that are known to be ours are answered: those of the
loopback, those of this machine, the address that the connection itself was made to, and what
``--allow-host`` adds. Starlette's TrustedHostMiddleware holds the same kind of list, but answers in
its own words, knows no IPv6 address with a port, and cannot know the address of a connection.
"""

import ipaddress
import socket
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from .settings import LOOPBACK, Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AllowedHosts:
    """The names that a request may be for.

    Parameters
    ----------
    settings
        Of the server.
    """

    def __init__(self, settings: Settings) -> None:
        self._private = settings.private
        self._names = {*LOOPBACK, *(name.lower() for name in settings.allowed_hosts)}
        if settings.host not in LOOPBACK:
            self._names |= {settings.host.lower(), *own_names()}

    def refusal(self, scope: MutableMapping[str, Any], host: str) -> str:
        """Return why a request for `host` is not answered; empty if it is.

        Parameters
        ----------
        scope
            Of the request: it says to which address the connection was made.
        host
            The request's header of that name.
        """
        name = host_name(host)
        if name in self._names:
            return ""
        if self._private:
            return f"This server is open to this machine alone: use http://{LOOPBACK[0]}."
        if (address := _address(name)) is not None:
            server = scope.get("server") or ("",)
            if address == _address(server[0]):
                return ""
        return (
            "This host name is not allowed: use the name or address of the server's machine, or "
            "start the server with --allow-host and this name."
        )


def own_names() -> set[str]:
    """Return what this machine calls itself, and what its network may call it."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return {name, short, f"{short}.local"} - {""}


def host_name(host: str) -> str:
    """Return the name of ``name:port`` or ``[address]:port``, in small letters."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _address(name: str) -> Address | None:
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
