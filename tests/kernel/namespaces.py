"""Network namespaces without names: made by this process, gone with it. Never here: what a network looks like.

No name is ever written under ``/run/netns``: a namespace lives as long as a descriptor of this process or a socket in
it. When the run is killed, the kernel takes everything away.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

CLONE_NEWNET = 0x40000000
MINE = "/proc/thread-self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)
_nft: ctypes.CDLL | None = None
with contextlib.suppress(OSError):
    # What the program nft is made of; a process for each ruleset would take ten times as long.
    _nft = ctypes.CDLL("libnftables.so.1")
    _nft.nft_ctx_new.restype = ctypes.c_void_p
    _nft.nft_ctx_get_error_buffer.restype = ctypes.c_char_p


def _call(name: str, *arguments: int) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


class Namespace:
    """One network namespace. Inside ``with``, this thread, its new sockets and its children are in it."""

    def __init__(self, name: str) -> None:
        """Make it with its loopback up. Raises OSError when the machine does not allow it."""
        self.name = name
        self._home = -1
        self._rules: ctypes.c_void_p | None = None
        home = os.open(MINE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("unshare", CLONE_NEWNET)
            try:
                self._fd = os.open(MINE, os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    def __enter__(self) -> Namespace:
        assert self._home == -1, "a namespace is entered once at a time"
        home = os.open(MINE, os.O_RDONLY | os.O_CLOEXEC)
        _call("setns", self._fd, CLONE_NEWNET)
        self._home = home
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        home, self._home = self._home, -1
        try:
            _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    @property
    def path(self) -> str:
        """Where ``ip`` finds it."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def start(self, *command: str) -> subprocess.Popen[str]:
        """A command in it that reads its input."""
        with self:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )

    def links_down(self) -> list[str]:
        """Its links that do not carry packets yet."""
        process = self.start("ip", "-oneline", "link", "show")
        said, _ = process.communicate(timeout=60)
        return [line for line in said.splitlines() if " state UP " not in line and "LOOPBACK" not in line]

    def filter(self, script: str) -> None:
        """Run an nftables script, all of it or nothing. Raises RuntimeError with the script and the complaint."""
        assert _nft is not None
        with self:
            if self._rules is None:
                self._rules = ctypes.c_void_p(_nft.nft_ctx_new(0))
                _nft.nft_ctx_buffer_error(self._rules)
            if _nft.nft_run_cmd_from_buffer(self._rules, script.encode()):
                said = _nft.nft_ctx_get_error_buffer(self._rules).decode()
                raise RuntimeError(f"{self.name}: {said}\n{script}")

    def set(self, setting: str, value: int) -> None:
        """A kernel setting below ``net/``."""
        with self:
            Path("/proc/sys/net", setting).write_text(str(value))

    def close(self) -> None:
        """Let go of it; the kernel removes it with everything inside."""
        if self._rules is not None and _nft is not None:
            _nft.nft_ctx_free(self._rules)
        os.close(self._fd)


def run(jobs: Iterable[tuple[Namespace, str]], six: Iterable[tuple[Namespace, str]] = ()) -> None:
    """Give ``ip`` each script in its namespace, all at the same time; those of ``six`` are about IPv6.

    Raises RuntimeError with the script and the complaint when it refuses one.
    """
    begun = [(where, script, where.start("ip", "-batch", "-")) for where, script in jobs]
    begun += [(where, script, where.start("ip", "-6", "-batch", "-")) for where, script in six]
    wrong = []
    for where, script, process in begun:
        said, _ = process.communicate(script, timeout=60)
        if process.returncode:
            wrong.append(f"{where.name}: {said}\n{script}")
    if wrong:
        raise RuntimeError("\n".join(wrong))


TRIAL = """table inet trial {
  chain first { type filter hook prerouting priority raw; ct zone set 1; }
  chain last {
    type nat hook postrouting priority srcnat;
    meta l4proto tcp snat ip to 192.0.2.1:1024-65535 fully-random;
  }
  chain middle { type filter hook input priority 0; policy drop; ct state established accept; }
}
"""


def obstacle() -> str:
    """Why packets cannot be tried on this machine, or nothing."""
    if not Path(MINE).exists():
        return "this is not Linux"
    if shutil.which("ip") is None or _nft is None:
        return "ip or libnftables is missing (Debian packages iproute2 and nftables)"
    try:
        place = Namespace("trial")
    except OSError as error:
        return f"no network namespace can be made ({error.strerror})"
    try:
        place.set("ipv4/ip_forward", 1)
        run([(place, "link add one type bridge\nlink add two type veth peer name three\n")])
        place.filter(TRIAL)
    except (OSError, RuntimeError) as error:
        return f"a trial network could not be made ({str(error).splitlines()[0]})"
    finally:
        place.close()
    return ""
