"""What a reading process gives up before it meets a file: network, files of others, memory, time.

Everything here changes the process that calls it, and cannot be undone.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.readers.limits import Limits

_ROOT = Path(__file__).parents[1]
# Of the resident memory a process may have, what it may ask for itself; the rest is for the
# code of the libraries, which lies in memory too.
_OWN_SHARE = 7 / 8

# Linux only; elsewhere limits and the killing of the group remain.
# Source: prctl(2), unshare(2) and their headers.
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def isolate(scratch: str, file: Path, *, programs: Iterable[str], office: bool) -> None:
    """Give up network, privileges, the parent's pipes and all files but `file`; live in `scratch`.

    `programs` are the paths of programs that may be run; `office` where LibreOffice is among them.
    """
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _leave_network()
    close_files(scratch, file, programs=programs, office=office)


def restrain(limits: Limits) -> None:
    """Set the limits of this process and of all it starts; a second call can only lower them."""
    seconds = int(limits.wall_s) + 1  # of processor time, never before the alarm below
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_DATA, int(limits.resident_bytes * _OWN_SHARE)),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.scratch_bytes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CORE, 0),
    ):
        if kind in {resource.RLIMIT_AS, resource.RLIMIT_DATA} and sys.platform == "darwin":
            continue  # macOS has the constants and refuses the limits
        hard = resource.getrlimit(kind)[1]
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)  # its signal ends the process


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(option, value, 0, 0, 0)


def _leave_network() -> None:
    """Enter an empty network namespace; where the system forbids it, go on with the network."""
    if sys.platform == "linux" and _libc().unshare(_CLONE_NEWNET) != 0:
        _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


# Landlock, where the kernel has it (Linux 5.13; TCP from 6.7, signals from 6.12).
# Source: landlock(7) and include/uapi/linux/landlock.h; the numbers are those of all
# architectures but alpha.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_SOCKET = 1 << 5, 1 << 9
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_LOOK = _EXECUTE | _READ_FILE | _READ_DIR
_FIRST_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # rights on files that each version knows
_ALL_BITS = 16
_TCP_BIND_AND_CONNECT, _TCP_SINCE = 0b11, 4
_ABSTRACT_SOCKETS_AND_SIGNALS, _SCOPES_SINCE = 0b11, 6
_RULESET_BYTES = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}
_ALL_RULESET_BYTES = 24

# What programs and libraries are made of; none of it is anybody's document.
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store",
    "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice", "/etc/localtime",
    "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice",
    "/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo", "/proc/self",
    "/dev/random", "/dev/urandom", "/dev/zero",
)  # fmt: skip


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Rule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("beneath", ctypes.c_int32))


def landlock_version() -> int:
    """Return the version of Landlock's interface; 0 where the kernel has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, 0, _CREATE_VERSION)))


def close_files(scratch: str, file: Path, *, programs: Iterable[str], office: bool) -> bool:
    """Forbid opening any file but `file`, those in `scratch`, and those that programs consist of.

    Returns False, and forbids nothing, where the kernel cannot. TCP goes too where it can.
    """
    version = landlock_version()
    if not version:
        return False
    known = (1 << _FIRST_BITS.get(version, _ALL_BITS)) - 1
    ruleset = _Ruleset(
        known,
        _TCP_BIND_AND_CONNECT if version >= _TCP_SINCE else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0,
    )
    size = _RULESET_BYTES.get(version, _ALL_RULESET_BYTES)
    libc = _libc()
    rules = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if rules < 0:
        return False
    for path, rights in _allowed(scratch, file, programs, office=office):
        _allow(libc, rules, path, rights & known)
    closed = libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return bool(closed)


def _allowed(
    scratch: str, file: Path, programs: Iterable[str], *, office: bool
) -> Iterator[tuple[str, int]]:
    yield scratch, ~0
    yield str(file), _READ_FILE
    yield os.devnull, _READ_FILE | _WRITE_FILE
    if office:  # it makes a socket there and takes it away; TMPDIR does not change that
        yield "/tmp", _REMOVE_FILE | _MAKE_SOCKET  # noqa: S108
    ours = [str(_ROOT / "ingest"), str(_ROOT / "kb")]
    libraries = [sys.prefix, sys.base_prefix, *(path for path in sys.path if path != str(_ROOT))]
    theirs = [str(folder) for name in programs for folder in _homes(Path(name))]
    for path in (*_SYSTEM, *ours, *filter(None, libraries), *theirs):
        yield path, _LOOK


def _homes(program: Path) -> Iterator[Path]:
    """Yield the folder above `bin` of a program as it is called, and as it is."""
    for path in (program, program.resolve()):
        yield path.parents[1] if path.parent.name in {"bin", "program"} else path.parent


def _allow(libc: Any, rules: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # this system has no such place
    if not os.path.isdir(path):  # noqa: PTH112  # as cheap as it gets, for every file
        rights &= _OF_FILES
    rule = _Rule(rights, beneath)
    libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(beneath)
