"""How root starts a server that refuses to run as root.

PostgreSQL exits when its effective user is root. Two ways around it, in this order:

- a user namespace in which our root is called 65534. The files stay root's, and a directory
  closed to everybody else (mode 0700) can still be entered;
- where namespaces are blocked (many containers): the real user 65534, who owns the data
  directory, and who keeps the one capability of entering closed directories, if root has it.
"""

import ctypes
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Way:
    """One way to be somebody else than root: what to do before exec, and who owns the files."""

    become: Callable[[], None]
    owner: int


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _into_namespace() -> None:
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NOBODY} 0 1")
    _write("/proc/self/gid_map", f"{NOBODY} 0 1")


def _into_nobody() -> None:
    _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if _libc.capset(header, sets) == 0:
        _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
    else:
        none = (ctypes.c_uint32 * 6)()
        _libc.capset(header, none)


NAMESPACE = Way(_into_namespace, 0)
ORDINARY_USER = Way(_into_nobody, NOBODY)


def way_for(binary: Path, directory: Path) -> Way | None:
    """The first way that can run `binary` and write `directory`; None when we are not root.

    Hands the directory over to the owner that the way needs. Raises EmbeddedError when there is
    no way.
    """
    if os.geteuid() != 0:
        return None
    for way in (NAMESPACE, ORDINARY_USER):
        _hand_over(directory, way.owner)
        if _works(way, binary, directory):
            return way
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and as an unprivileged user it cannot reach {binary}"
        f" and {directory}. Run as an ordinary user, or put both where every user may enter."
    )


def _works(way: Way, binary: Path, directory: Path) -> bool:
    def probe() -> None:
        way.become()
        os.listdir(directory)

    try:
        done = subprocess.run(  # noqa: S603 - the binary of the wheel
            [str(binary), "--version"],
            preexec_fn=probe,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _hand_over(directory: Path, owner: int) -> None:
    if directory.stat().st_uid == owner:
        return
    for root, directories, files in os.walk(directory):
        for name in (*directories, *files):
            with suppress(FileNotFoundError):
                os.chown(os.path.join(root, name), owner, owner, follow_symlinks=False)
    # Last, because it is what tells the next start that all of it was done.
    os.chown(directory, owner, owner)
