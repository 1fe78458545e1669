"""Watch folders for new files, and ingest them when they are whole."""

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from time import sleep
from types import FrameType

from watchfiles import Change
from watchfiles import watch as changes

from ingest.pipeline import files_in

SETTLED_S = 2.0  # a file that has not changed for so long is taken for whole
ASK_S = 0.5  # between two looks at its size
BEAT_S = 2.0  # the longest wait before Ctrl-C is heard


def watch(
    folders: Sequence[Path], run: Callable[[list[Path]], object], *, known: Iterable[Path]
) -> None:
    """Call `run` with the files that came or changed, until Ctrl-C; each file once it is whole.

    `known` are the files that were there before; what came between then and now is run first.
    """
    met = False
    with _hearing_ctrl_c() as stopped, suppress(KeyboardInterrupt):
        beat_ms = int(BEAT_S * 1000)
        for seen in changes(
            *folders, stop_event=stopped, yield_on_timeout=True, rust_timeout=beat_ms
        ):
            came = {Path(name) for change, name in seen if change is not Change.deleted}
            if not met:  # the watch stands since now
                came |= set(files_in(folders)) - set(known)
                met = True
            if whole := [path for path in sorted(came) if _is_whole(path)]:
                run(whole)


@contextmanager
def _hearing_ctrl_c() -> Iterator[Event]:
    """Yield an event that Ctrl-C sets, beside what it does anyhow.

    Python drops an exception that is raised while it removes what nobody holds any more. Ctrl-C
    in that moment would not be heard at all.
    """
    stopped = Event()

    def heard(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _is_whole(path: Path) -> bool:
    """Wait until the file stops growing; False when it is gone or is no document."""
    if path.name.startswith((".", "~$")):
        return False
    try:
        size, still = -1, 0.0
        while still < SETTLED_S:
            now = path.stat().st_size
            still = still + ASK_S if now == size else 0.0
            size = now
            sleep(ASK_S)
    except FileNotFoundError:  # a temporary file of the program that saves
        return False
    return path.is_file() and not path.is_symlink()
