"""Where a server may listen: beyond this machine only where people or programs can sign in."""

from __future__ import annotations

from collections.abc import Callable

from kbchat.errors import ConfigurationError, ConflictError
from kbchat.messages import Bilingual
from kbchat.server.authentication.request_identity import address


def is_this_machine(host: str) -> bool:
    """Whether only programs of this machine reach what listens on ``host``."""
    found = address((host,))
    return host == "localhost" or (found is not None and found.is_loopback)


def check_address(host: str, *, single_user: bool | None, can_sign_in: Callable[[], bool], remedy: Bilingual) -> None:
    """Raises ConfigurationError when listening on ``host`` would leave nobody able to sign in, or everybody in.

    ``single_user`` is the setting access.single_user; ``can_sign_in`` is asked only where it matters.
    """
    if is_this_machine(host):
        return
    if single_user:
        raise ConfigurationError(
            Bilingual(
                f"Single-user mode (access.single_user) is for loopback only, and the service would listen on {host}.",
                f"单用户模式（access.single_user）只能用于本机地址，而服务将监听 {host}。",
            ),
            remedy,
        )
    if not can_sign_in():
        raise ConfigurationError(
            Bilingual(
                f"The service would listen on {host} for everybody on the network, and nobody could sign in.",
                f"服务将在 {host} 上对网络中的所有人开放，但尚未配置任何登录方式。",
            ),
            remedy,
        )


def port_refused(host: str, port: int, error: OSError, *, instead: str) -> ConflictError:
    """The error of a server that cannot listen on ``host:port``; ``instead`` is a command that takes another port."""
    return ConflictError(
        Bilingual(
            f"Nothing can listen on {host} port {port}: {error.strerror or error}.",
            f"无法在 {host} 的端口 {port} 上启动：{error.strerror or error}。",
        ),
        Bilingual(
            f"Another program may use it. Take another port, such as `{instead}`.",
            f"该端口可能已被占用，请换一个端口，例如 `{instead}`。",
        ),
    )
