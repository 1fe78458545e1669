"""Watch folders for new files, and ingest them when they are whole."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import sleep

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
    try:
        for seen in changes(*folders, yield_on_timeout=True, rust_timeout=int(BEAT_S * 1000)):
            came = {Path(name) for change, name in seen if change is not Change.deleted}
            if not met:  # the watch stands since now
                came |= set(files_in(folders)) - set(known)
                met = True
            if whole := [path for path in sorted(came) if _is_whole(path)]:
                run(whole)
    except KeyboardInterrupt:
        return


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
