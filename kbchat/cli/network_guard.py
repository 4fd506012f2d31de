"""Keeps a Python process, and all that it starts, from every address outside this machine.

The text of this module is put in a folder of its own as ``sitecustomize.py`` and that folder at the front of
``PYTHONPATH``: so it acts in every Python process from its first moment on, before anything else is imported. It must
import nothing of kbchat. What was tried and refused is written to the file that ``OFFLINE_GUARD_LOG`` names.
"""

import ipaddress
import os
import sys

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_OWN_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})


def _is_here(host: object) -> bool:
    """Whether a host name or address is this machine's own."""
    if host is None:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text in _OWN_NAMES:
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTS:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else None  # no tuple: a socket of this machine
    elif event in _RESOLVES:
        host = arguments[0]
    else:
        return
    if _is_here(host):
        return
    log = os.environ.get("OFFLINE_GUARD_LOG")
    if log:
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{os.getpid()} {event} {host!r}\n".encode())
        finally:
            os.close(descriptor)
    raise PermissionError(f"{event} {host!r}: refused by kbchat doctor --offline")


if __name__ == "sitecustomize":
    sys.addaudithook(_guard)
