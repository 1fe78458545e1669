"""Hundreds of hostile and broken files: nothing crashes, leaks, asks outside, or stays."""

import json
import os
import re
import socket
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest import confinement
from ingest.document import Document
from ingest.sandbox import Limits, Reader, Reason, Spent, UnreadableError
from tests.hostile import good, hostile_files

pytestmark = pytest.mark.no_library

SECRET = "the canary sang in ward seven"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")


@dataclass
class Run:
    """What reading every hostile file did."""

    ends: dict[str, Document | UnreadableError] = field(default_factory=dict)
    spent: dict[str, list[Spent]] = field(default_factory=lambda: defaultdict(list))
    connections: int = 0
    canary_read: bool = False
    left: list[str] = field(default_factory=list)

    def of(self, start: str) -> Iterator[tuple[str, Document | UnreadableError]]:
        return ((name, end) for name, end in self.ends.items() if name.startswith(start))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder, outside = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("outside")
    scratch = tmp_path_factory.mktemp("scratch")
    canary = outside / "canary.txt"
    canary.write_text(SECRET)
    os.utime(canary, (0, canary.stat().st_mtime))  # reading it would move the time of access
    done = Run()
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        threading.Thread(target=count, args=(server, done), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        note = lambda path, took: done.spent[path.name].append(took)  # noqa: E731
        with Reader(note=note) as reader, ThreadPoolExecutor(2) as pool:
            files = []
            for name, data in hostile_files(canary, url):
                (folder / name).write_bytes(data)
                files.append(folder / name)
            for path, end in zip(
                files, pool.map(lambda at: outcome(reader, at), files), strict=True
            ):
                done.ends[path.name] = end
        server.shutdown(socket.SHUT_RDWR)
    done.canary_read = canary.stat().st_atime != 0
    done.left = [entry.name for entry in scratch.iterdir()]
    return done


def count(server: socket.socket, done: Run) -> None:
    try:
        while True:
            server.accept()[0].close()
            done.connections += 1
    except OSError:  # closed
        return


def outcome(reader: Reader, path: Path) -> Document | UnreadableError:
    try:
        return reader.read(path)
    except UnreadableError as error:
        return error


def test_every_file_becomes_a_document_or_says_why_not(run):
    assert len(run.ends) >= 200
    for name, end in run.ends.items():
        if isinstance(end, UnreadableError):
            assert str(end).startswith(name)
            assert str(end).endswith(".")
            assert end.hint.endswith(".")
            assert "Error: " not in str(end)


def test_nothing_is_read_but_the_file_itself(run):
    for name, end in run.ends.items():
        said = end.to_json() if isinstance(end, Document) else str(end)
        assert SECRET not in json.dumps(json.loads(said) if said[:1] == "{" else said), name
        assert "root:x:0:" not in said, name
    if confinement.landlock_version():
        assert not run.canary_read


def test_nobody_outside_is_asked(run):
    assert run.connections == 0


def test_no_file_takes_more_than_its_memory_and_its_time(run):
    limits = Limits()
    for name, times in run.spent.items():
        for spent in times:
            assert spent.peak_bytes <= 512 << 20, name
            assert spent.together_bytes <= limits.together_bytes, name
            assert spent.seconds <= limits.ceiling().wall_s + 5, name  # it is ended then


def test_nothing_is_left_behind(run):
    assert run.left == []
    assert not Path("/tmp/escaped-by-zip").exists()


def test_what_comes_out_is_plain_text(run):
    for name, end in run.ends.items():
        if isinstance(end, Document):
            everything = end.to_json()
            shown = "".join(json.loads(everything)[part] for part in ("markdown", "title", "name"))
            assert not CONTROLS.search(shown), name
            assert "javascript:" not in shown, name


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("bombs-deep", Reason.TOO_DEEP),
        ("bombs-thousandfold", Reason.TOO_LARGE),
        ("bombs-many", Reason.TOO_LARGE),
        ("zip_tricks-overlap", Reason.TOO_LARGE),
        ("zip_tricks-bad-sum", Reason.CORRUPT),
        ("zip_tricks-local-header", Reason.CORRUPT),
        ("pictures-declared.png", Reason.TOO_LARGE),
        ("pictures-declared.tiff", Reason.TOO_LARGE),
        ("pictures-100-megapixels.png", Reason.TOO_LARGE),
        ("protected-package", Reason.ENCRYPTED),
        ("protected-user", Reason.ENCRYPTED),
        ("protected-zip", Reason.ENCRYPTED),
        ("protected-rights", Reason.ENCRYPTED),
        ("plain_texts-empty", Reason.EMPTY),
        ("plain_texts-only-nul", Reason.EMPTY),
        ("mails-parts", Reason.TOO_DEEP),
        ("outward-script.svg", Reason.UNSUPPORTED),
    ],
)
def test_the_reason_is_the_right_one(run, start, reason):
    ends = dict(run.of(start))
    assert ends
    for name, end in ends.items():
        assert isinstance(end, UnreadableError), name
        assert end.reason is reason, name


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "pptx", "odt", "ods", "odp"])
def test_xml_that_declares_entities_is_refused_in_every_part(run, suffix):
    ends = [end for name, end in run.of("xml_attacks") if name.endswith(f".{suffix}")]
    assert len(ends) >= 6
    assert {end.reason for end in ends} <= {Reason.UNSAFE_XML, Reason.CORRUPT}


@pytest.mark.parametrize(
    "start",
    [
        "outward-links", "outward-macro", "outward-object", "outward-dde", "outward-script.html",
        "zip_tricks-climbs", "zip_tricks-comment", "bombs-nested.docx", "sheets-corner",
        "pdfs-javascript", "pdfs-launch", "pdfs-embedded", "pdfs-xfa", "pdfs-xref-loop",
        "pdfs-ten-thousand-pages", "pdfs-kids-loop", "protected-owner", "encoded_texts-utf",
        "tables_of_text-columns-of-words", "plain_texts-controls", "wrong_suffixes-docx",
    ],
)  # fmt: skip
def test_what_is_harmless_in_it_is_read(run, start):
    ends = dict(run.of(start))
    assert ends
    for name, end in ends.items():
        assert isinstance(end, Document), f"{name}: {end}"


def test_what_is_cut_short_is_never_taken_for_whole(run):
    for name, end in run.of("truncated"):
        if isinstance(end, Document) and name.endswith(
            (".docx", ".xlsx", ".pptx", ".odt", ".epub")
        ):
            pytest.fail(f"{name} was read")


NAMES = (
    "\u202efdp.story.md", "two\nlines.md", "\x1b[2Jclear.md", "x" * 252 + ".md", "😀👩🏽‍⚕️.md",
    "-rf.md", "..hidden.md", "~$lock.md", "a b  c.md", "CON.md", "%00%2e%2e.md", "'; --.md",
    "$(reboot).md", "récit.MD", "no suffix", ".md", "a.md.", "مستشفى.md",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_will_do(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("names") / name
    path.write_bytes(good()["md"])
    with Reader(preload=False) as reader:
        document = reader.read(path)
    assert document.markdown.startswith("# Aim")
    assert not CONTROLS.search(document.name)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.docx")
    (tmp_path / "folder.docx").mkdir()
    (tmp_path / "loop.docx").symlink_to(tmp_path / "loop.docx")
    with Reader(preload=False) as reader:
        for path in (*tmp_path.iterdir(), Path("/dev/zero"), Path("/dev/tty0"), Path("/proc")):
            if path.is_symlink() or path.exists():
                with pytest.raises(UnreadableError) as refused:
                    reader.read(path)
                assert refused.value.reason is Reason.UNSUPPORTED
        assert reader._children[0].server is None  # noqa: SLF001  # no child was needed


def test_a_name_too_long_for_the_disk_is_refused(tmp_path):
    with Reader(preload=False) as reader, pytest.raises(UnreadableError):
        reader.read(tmp_path / ("x" * 300))
