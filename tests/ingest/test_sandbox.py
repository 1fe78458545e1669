"""Hostile files meet a child under limits; the parent goes on and cleans up."""

# ruff: noqa: SLF001  # what the child does to itself can only be seen from inside

import contextlib
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest import sandbox
from ingest.order import Order
from ingest.sandbox import Limits, Reader, Reason, UnreadableError, read_safely
from kb import processes

pytestmark = pytest.mark.no_library

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")


@pytest.fixture(scope="module")
def reader():
    with Reader(preload=False) as opened:
        yield opened


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Return the folder in which scratch folders appear."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, **limits: float) -> UnreadableError:
    with pytest.raises(UnreadableError) as refused:
        read_safely(path, limits=Limits(**limits))
    return refused.value


def test_a_file_is_read_in_the_child_as_it_would_be_here(tmp_path):
    from ingest import readers

    made = docx.Document()
    made.add_heading("Triage plus rapide à l’hôpital", level=0)
    made.add_paragraph("Dix minutes.")
    made.save(tmp_path / "récit.docx")
    assert read_safely(tmp_path / "récit.docx") == readers.read(tmp_path / "récit.docx")


def test_one_reader_reads_many_files_and_a_bad_one_stops_none(tmp_path, reader):
    good = written(tmp_path / "good.md", "# Aim\n")
    bad = written(tmp_path / "bad.docx", "PK\x03\x04")
    for _ in range(3):
        assert reader.read(good).title == "Aim"
        with pytest.raises(UnreadableError):
            reader.read(bad)


def test_threads_may_share_a_reader(tmp_path, reader):
    titles: set[str] = set()

    def read(number: int) -> None:
        titles.add(reader.read(written(tmp_path / f"{number}.md", f"# Story {number}\n")).title)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == {f"Story {number}" for number in range(8)}


def test_a_refusal_names_the_file_and_says_what_to_do(tmp_path, reader):
    with pytest.raises(UnreadableError) as refused:
        reader.read(written(tmp_path / "story.docx", "PK\x03\x04"))
    assert str(refused.value) == "story.docx is damaged: its zip directory is broken."
    assert refused.value.hint.startswith("Open it in the program that made it")


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a"])
def test_an_empty_file_is_refused(tmp_path, reader, name):
    with pytest.raises(UnreadableError) as refused:
        reader.read(written(tmp_path / name, b""))
    assert refused.value.reason is Reason.EMPTY


def test_a_missing_file_is_the_callers_mistake(tmp_path, reader):
    with pytest.raises(FileNotFoundError):
        reader.read(tmp_path / "nowhere.docx")


def test_a_pipe_or_a_folder_is_refused_without_waiting(tmp_path, reader):
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path / "pipe.txt", tmp_path):
        with pytest.raises(UnreadableError) as refused:
            reader.read(path)
        assert refused.value.reason is Reason.UNSUPPORTED


def test_a_huge_file_is_refused_without_reading_it(tmp_path, reader):
    path = written(tmp_path / "huge.txt", b"x")
    os.truncate(path, 60 << 20)
    with pytest.raises(UnreadableError) as refused:
        reader.read(path)
    assert refused.value.reason is Reason.TOO_LARGE
    assert "50 MB" in str(refused.value)


def test_a_file_that_takes_too_long_is_given_up_at_its_time(tmp_path, scratch):
    slow = written(
        tmp_path / "slow.html", "<html>" + "<table><tr><td>x" * 100 + "<p>word" * 700_000
    )
    started = time.monotonic()
    assert refusal(slow, wall_s=0.5).reason is Reason.TIMEOUT
    assert time.monotonic() - started < 5
    assert list(scratch.iterdir()) == []


def test_a_file_that_takes_too_much_memory_is_given_up(tmp_path, scratch):
    wide = written(tmp_path / "wide.html", "<html>" + "<p>" * 1_500_000)
    assert refusal(wide, memory_bytes=180 << 20).reason is Reason.MEMORY
    assert list(scratch.iterdir()) == []


def test_the_reader_goes_on_after_a_timeout(tmp_path):
    slow = written(tmp_path / "slow.html", "<html>" + "<p>word<b>x</b>" * 300_000)
    fast = written(tmp_path / "fast.md", "# Aim\n")
    with Reader(limits=Limits(wall_s=0.7), preload=False) as reader:
        with pytest.raises(UnreadableError):
            reader.read(slow)
        assert reader.read(fast).title == "Aim"


def test_a_pdf_too_much_for_its_layout_is_read_for_its_words(tmp_path):
    canvas = Canvas(str(tmp_path / "map.pdf"))
    canvas.drawString(72, 750, "A district drawn with very many lines, and a little text.")
    for at in range(100_000):
        canvas.rect(72 + at % 80 * 5, 100 + at // 80 * 0.1, 4, 0.1)
    canvas.save()
    with Reader(limits=Limits(wall_s=1)) as reader:
        document = reader.read(tmp_path / "map.pdf")
    assert document.markdown.startswith("A district drawn with very many lines")
    assert document.doubts == ("Only the words were read; headings and tables are lost.",)


def test_two_files_are_read_at_the_same_time(tmp_path):
    slow = written(tmp_path / "slow.html", "<html>" + "<p>word<b>x</b>" * 300_000)
    fast = written(tmp_path / "fast.md", "# Aim\n")
    ended = []

    def read(path: Path) -> None:
        with contextlib.suppress(UnreadableError):
            reader.read(path)
        ended.append(path.name)

    with Reader(limits=Limits(wall_s=4), preload=False, at_once=2) as reader:
        first = threading.Thread(target=read, args=(slow,))
        first.start()
        while reader._children[0].server is None:
            time.sleep(0.01)
        read(fast)
        first.join()
    assert ended == ["fast.md", "slow.html"]


def test_a_start_that_was_interrupted_answers_no_later_question(tmp_path, monkeypatch):
    def interrupted(_child, _server):
        raise KeyboardInterrupt

    with Reader(preload=False, at_once=1) as reader:
        with monkeypatch.context() as pressed:
            pressed.setattr("ingest.sandbox._Child._answer", interrupted)
            with pytest.raises(KeyboardInterrupt):
                reader.get_ready()
        assert reader.read(written(tmp_path / "a.md", "# Aim\n")).markdown.strip() == "# Aim"


def test_a_child_that_got_stuck_at_its_start_is_replaced(tmp_path, monkeypatch):
    with Reader(preload=False, at_once=1) as reader:
        with monkeypatch.context() as stuck:
            stuck.setattr("ingest.sandbox._Child._answer", lambda *_: (False, b""))
            reader.get_ready()
            stuck_one = reader._children[0].server
        stuck_one.wait()
        assert reader.read(written(tmp_path / "a.md", "# Aim\n")).markdown.strip() == "# Aim"
        assert reader._children[0].server is not stuck_one


def test_files_read_one_after_another_need_one_child(tmp_path):
    with Reader(preload=False, at_once=2) as reader:
        for _ in range(3):
            reader.read(written(tmp_path / "a.md", "# Aim\n"))
        assert [child.server is not None for child in reader._children] == [True, False]


def test_what_each_file_took_is_told(tmp_path):
    seen = {}
    note = lambda path, spent: seen.update({path.name: spent})  # noqa: E731
    with Reader(preload=False, note=note) as reader:
        reader.read(written(tmp_path / "a.md", "# Aim\n"))
    assert seen["a.md"].seconds > 0
    assert 5 << 20 < seen["a.md"].peak_bytes < 512 << 20


def test_a_disk_without_room_keeps_no_child_from_the_next_file(tmp_path, monkeypatch):
    path = written(tmp_path / "a.md", "# Aim\n")
    with Reader(preload=False, at_once=1) as reader:
        with monkeypatch.context() as full:
            full.setattr(tempfile, "tempdir", str(tmp_path / "no folder"))
            with pytest.raises(OSError, match="no folder"):
                reader.copy(path, Order())
        assert reader._idle.qsize() == 1
        assert reader.read(path).title == "Aim"


def test_a_process_with_many_open_files_reads_on(tmp_path):
    path = written(tmp_path / "a.md", "# Aim\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("a process may open no more than select() knows")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
    with contextlib.ExitStack() as many:
        many.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while many.enter_context(Path(os.devnull).open("rb")).fileno() < 1100:
            pass
        with Reader(preload=False) as reader:
            assert reader.read(path).title == "Aim"


def test_a_reader_whose_child_was_killed_starts_another(tmp_path):
    path = written(tmp_path / "a.md", "# Aim\n")
    with Reader(preload=False) as reader:
        reader.read(path)
        assert reader._children[0].server is not None
        os.kill(reader._children[0].server.pid, signal.SIGKILL)
        reader._children[0].server.wait()
        assert reader.read(path).title == "Aim"


def test_a_child_killed_over_a_file_is_a_crash_and_the_next_file_is_read(tmp_path):
    slow = written(tmp_path / "slow.html", "<html>" + "<p>word<b>x</b>" * 300_000)
    with Reader(preload=False) as reader:
        reader.read(written(tmp_path / "a.md", "# Aim\n"))
        assert reader._children[0].server is not None
        killing = threading.Timer(0.3, os.kill, (reader._children[0].server.pid, signal.SIGKILL))
        killing.start()
        with pytest.raises(UnreadableError) as refused:
            reader.read(slow)
        killing.join()
        assert refused.value.reason is Reason.CRASHED
        assert reader.read(tmp_path / "a.md").title == "Aim"


def test_a_closed_reader_leaves_no_process(tmp_path):
    with Reader(preload=False) as reader:
        reader.read(written(tmp_path / "a.md", "# Aim\n"))
        assert reader._children[0].server is not None
        pid = reader._children[0].server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_result_that_is_a_link_or_a_pipe_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "missing"):
        with pytest.raises(UnreadableError) as refused:
            sandbox._result(tmp_path / name, "a.docx", Limits())
        assert refused.value.reason is Reason.CRASHED


@pytest.mark.parametrize("data", [b"", b"no json", b"[]", b"{}", b'{"reason": "none of ours"}'])
def test_a_result_that_is_no_document_is_a_crash(tmp_path, data):
    with pytest.raises(UnreadableError) as refused:
        sandbox._result(written(tmp_path / "result.json", data), "a.docx", Limits())
    assert refused.value.reason is Reason.CRASHED


def test_a_result_without_end_is_too_large(tmp_path):
    path = written(tmp_path / "result.json", b"x")
    os.truncate(path, 64 << 20)
    with pytest.raises(UnreadableError) as refused:
        sandbox._result(path, "a.docx", Limits(markdown_chars=1000))
    assert refused.value.reason is Reason.TOO_LARGE


def test_importing_the_sandbox_loads_no_reader():
    loaded = in_child("print(*{name.partition('.')[0] for name in sys.modules})")
    parsers = {"mammoth", "bs4", "openpyxl", "pptx", "liteparse", "pypdfium2", "pdf_inspector"}
    assert not parsers & set(loaded.split())


IMPORTS = """
import os, socket, sys, time
from pathlib import Path
from ingest import child as child_of_sandbox, confinement, sandbox
"""


def in_child(code: str) -> str:
    """Run `code` in a fresh process that knows the sandbox, and return what it prints."""
    script = f"{IMPORTS}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux_only
def test_a_reading_process_has_no_network(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        outcome = in_child(f"""
before = os.readlink("/proc/self/ns/net")
sys.stdout = open({str(tmp_path / "out")!r}, "w")
confinement.isolate({str(tmp_path)!r}, Path("in"), programs=(), office=False)
if os.readlink("/proc/self/ns/net") == before:
    print("not allowed")
else:
    try:
        socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), timeout=5)
        print("connected")
    except OSError:
        print("unreachable")
sys.stdout.close()
""")
    assert outcome == ""
    outcome = (tmp_path / "out").read_text().strip()
    if outcome == "not allowed":
        pytest.skip("this system allows no network namespace")
    assert outcome == "unreachable"


@linux_only
def test_a_reading_process_gains_no_privileges(tmp_path):
    in_child(f"""
confinement.isolate({str(tmp_path)!r}, Path("in"), programs=(), office=False)
open("status", "w").write(open("/proc/self/status").read())
""")
    assert "NoNewPrivs:\t1" in (tmp_path / "status").read_text()


@linux_only
def test_a_reading_process_opens_no_file_but_its_own(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    written(tmp_path / "secret.txt", "canary")
    written(tmp_path / "story.txt", "story")
    seen = in_child(f"""
if not confinement.landlock_version():
    print("no landlock")
    sys.exit()
here = Path({str(tmp_path)!r})
shown = os.dup(1)
confinement.isolate(str(here / "scratch"), here / "story.txt", programs=(), office=False)
os.symlink(here / "secret.txt", "link")
for path in (
    here / "story.txt", here / "secret.txt", here, "link", "/etc/passwd", "/proc/1/environ",
    f"/proc/{{os.getppid()}}/environ",
):
    try:
        os.close(os.open(path, os.O_RDONLY))
        answer = "open"
    except PermissionError:
        answer = "closed"
    os.write(shown, f"{{answer}} ".encode())
for path in (here / "scratch" / "new.txt", here / "new.txt", here / "story.txt"):
    try:
        path.write_text("x")
        answer = "written"
    except PermissionError:
        answer = "closed"
    os.write(shown, f"{{answer}} ".encode())
""")
    if seen == "no landlock":
        pytest.skip("this kernel has no Landlock")
    assert seen.split() == ["open", *["closed"] * 6, "written", "closed", "closed"]


@linux_only
def test_where_the_kernel_cannot_close_files_reading_goes_on(tmp_path):
    written(tmp_path / "story.txt", "story")
    seen = in_child(f"""
confinement.landlock_version = lambda: 0
file = Path({str(tmp_path / "story.txt")!r})
print(confinement.close_files({str(tmp_path)!r}, file, programs=(), office=False), file.read_text())
""")
    assert seen == "False story"


@linux_only
@pytest.mark.parametrize(
    "hostile",
    [
        "hold = bytearray(os.urandom(1)) * (200 << 20)",
        "os.fork() or time.sleep(30); hold = bytearray(b'x') * (200 << 20)",
        "[os.fork() or time.sleep(30) for _ in range(20)]",
        "[os.fork() and os._exit(0) for _ in range(3)]; hold = bytearray(b'x') * (200 << 20)",
    ],
    ids=["itself", "its child", "many children", "an orphan"],
)
def test_a_process_that_takes_too_much_memory_or_company_is_ended(hostile):
    outcome = in_child(f"""
confinement.adopt_orphans()
child = os.fork()
if child == 0:
    os.setsid()
    if "_exit" in {hostile!r} and os.fork():
        time.sleep(30)
    {hostile}
    time.sleep(30)
    os._exit(0)
limits = sandbox.Limits(wall_s=20, resident_bytes=100 << 20, processes=8)
end, spent = child_of_sandbox.wait(child, limits)
print(end, spent.seconds < 10, child_of_sandbox._descendants())
""")
    assert outcome == "killed True []"


@linux_only
def test_what_leaves_its_process_group_is_ended_too():
    # the grandchild takes a session of its own and outlives its parent
    pid = in_child("""
confinement.adopt_orphans()
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.write(writing, str(os.getpid()).encode())
        time.sleep(60)
    os._exit(0)
grandchild = int(os.read(reading, 20))
assert child_of_sandbox.wait(child, sandbox.Limits(wall_s=5))[0] == "done"
print(grandchild)
""")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_a_hostile_zip_neither_writes_outside_nor_stops_the_reader(tmp_path, scratch, reader):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<a>" * 500)
        archive.writestr("../../../../tmp/escaped-from-zip", "out")
    with pytest.raises(UnreadableError) as refused:
        reader.read(written(tmp_path / "a.docx", file.getvalue()))
    assert refused.value.reason is Reason.TOO_DEEP
    assert not Path("/tmp/escaped-from-zip").exists()
    assert list(scratch.iterdir()) == []


def test_the_scratch_of_a_killed_reader_is_swept_and_that_of_a_living_one_is_not(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, busy = (
        tmp_path / f"reading-{processes.here()}-{pid}-abc" for pid in (gone.pid, os.getpid())
    )
    for folder in (left, busy):
        folder.mkdir()
        (folder / "result.json").write_text("a story", encoding="utf-8")
    Reader(preload=False).close()
    assert not left.exists()
    assert busy.exists()
