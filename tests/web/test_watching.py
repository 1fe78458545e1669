import signal
from contextlib import suppress

from web import watching


class Dropped:
    """Presses Ctrl-C while Python removes it, so that what that raises is ignored."""

    def __del__(self) -> None:
        with suppress(KeyboardInterrupt):  # as Python does, but for a line that fails tests here
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_heard_where_python_drops_what_it_raises(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(watching, "BEAT_S", 0.1)
    monkeypatch.setattr(watching, "SETTLED_S", 0.0)
    before = signal.getsignal(signal.SIGINT)
    ran = []

    def run(files) -> None:
        ran.extend(files)
        Dropped()

    (tmp_path / "there.md").write_text("# Chest first\n")
    watching.watch([tmp_path], run, known=[])  # and comes back
    assert [path.name for path in ran] == ["there.md"]
    assert signal.getsignal(signal.SIGINT) == before
