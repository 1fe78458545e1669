"""Bags that nobody should trust, made from a good one, with what is said when each is refused."""

import os
import stat
import struct
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

BAG = {
    "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    "bag-info.txt": b"Maktaba-Kind: library\nMaktaba-Form: 1\n",
    "data/records.jsonl": b'{"maktaba":1,"library":"Z","origin":"Z#1","record":{"title":"a"}}\n',
}
Make = Callable[[Path], Path]


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a manifest of what lies below `data/`."""
    lines = [
        f"{sha256(content).hexdigest()}  {name}\n"
        for name, content in files.items()
        if name.startswith("data/")
    ]
    return {**files, "manifest-sha256.txt": "".join(lines).encode()}


def folder(files: dict[str, bytes], into: Path) -> Path:
    """Write the files as a folder."""
    for name, content in files.items():
        path = into / "bag" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return into / "bag"


def zipped(files: dict[str, bytes], into: Path, *, top: str = "") -> Path:
    """Write the files as a zip, under whatever names they have."""
    with zipfile.ZipFile(into / "bag.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return into / "bag.zip"


def hostile() -> dict[str, tuple[Make, str]]:
    """Return how to make each, and a word of what is said of it."""
    good = listed(BAG)
    up = "data/../../evil.txt"
    return {
        "no bag": (lambda at: folder({"a.txt": b"a"}, at), "bagit.txt"),
        "not a zip": (lambda at: _file(at, b"PK no zip"), "neither a folder nor a zip"),
        "a zip that ends too soon": (_cut, "neither a folder nor a zip"),
        "another version": (
            lambda at: folder({**good, "bagit.txt": b"BagIt-Version: 9.0\n"}, at),
            "another version",
        ),
        "other bytes": (
            lambda at: folder({**good, "data/records.jsonl": b"{}\n"}, at),
            "data/records.jsonl",
        ),
        "other bytes in a zip": (
            lambda at: zipped({**good, "data/records.jsonl": b"{}\n"}, at),
            "data/records.jsonl",
        ),
        "a file is missing": (
            lambda at: folder(_without(good, "data/records.jsonl"), at),
            "lacks the file data/records.jsonl",
        ),
        "a file is added": (lambda at: folder({**good, "data/x.exe": b"x"}, at), "data/x.exe"),
        "no manifest": (lambda at: folder(BAG, at), "manifest-sha256.txt"),
        "a manifest of words": (
            lambda at: folder({**good, "manifest-sha256.txt": b"trust me\n"}, at),
            "no checksum",
        ),
        "a name that leads out": (lambda at: zipped(listed({**BAG, up: b"x"}), at), "not allowed"),
        "a manifest that leads out": (
            lambda at: folder(
                {**good, "manifest-sha256.txt": b"0" * 64 + b"  data/../../../etc/passwd\n"}, at
            ),
            "not allowed",
        ),
        "a name from the root": (
            lambda at: zipped(listed({**BAG, "/etc/evil": b"x"}), at),
            "not allowed",
        ),
        "a name of Windows": (
            lambda at: zipped(listed({**BAG, "data\\..\\evil": b"x", "c:/evil": b"x"}), at),
            "not allowed",
        ),
        "the same name twice": (_twice, "twice"),
        "a link in a zip": (_link_in_zip, "is no file"),
        "a link in a folder": (lambda at: _linked(folder(good, at), "/etc/passwd"), "neither"),
        "a folder in itself": (lambda at: _linked(folder(good, at), "."), "neither"),
        "a pipe that is never written": (lambda at: _pipe(folder(good, at)), "neither"),
        "too deep": (
            lambda at: folder(listed({**BAG, "data/" + "d/" * 20 + "x": b"x"}), at),
            "too deep",
        ),
        "a zip of zeros": (
            lambda at: zipped(listed({**BAG, "data/zeros": b"\0" * (80 << 20)}), at),
            "times its size",
        ),
        "a size that is not so": (_lying, ""),
        "rotten bits": (_rotten, "is broken"),
        "a name in no code": (_in_no_code, "is broken"),
        "an endless word of itself": (
            lambda at: folder({**good, "bag-info.txt": b"A: b\n" * 300_000}, at),
            "larger than 1 MB",
        ),
        "files elsewhere": (
            lambda at: folder({**good, "fetch.txt": b"http://10.0.0.1/x 1 data/x\n"}, at),
            "fetch.txt",
        ),
        "no library": (lambda at: folder(listed(_without(BAG, "data/records.jsonl")), at), "is no"),
        "of tomorrow": (
            lambda at: folder(
                listed({**BAG, "data/records.jsonl": b'{"maktaba":9,"origin":"x"}\n'}), at
            ),
            "form 9",
        ),
    }


def _without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {other: content for other, content in files.items() if other != name}


def _file(at: Path, content: bytes) -> Path:
    (at / "bag.zip").write_bytes(content)
    return at / "bag.zip"


def _cut(at: Path) -> Path:
    path = zipped(listed(BAG), at)
    return _file(at, path.read_bytes()[:-30])


def _rotten(at: Path) -> Path:
    """Change the middle of what is packed well, as an old stick does."""
    path = zipped(listed({**BAG, "data/words": bytes(range(256)) * 400}), at)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("data/words")
    raw = bytearray(path.read_bytes())
    middle = info.header_offset + 40 + info.compress_size // 2
    raw[middle : middle + 8] = b"\xff" * 8
    return _file(at, bytes(raw))


def _in_no_code(at: Path) -> Path:
    path = zipped(listed({**BAG, "data/é": b"x"}), at)
    return _file(at, path.read_bytes().replace("é".encode(), b"\xff\xff"))


def _twice(at: Path) -> Path:
    path = at / "bag.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in listed(BAG).items():
            archive.writestr(name, content)
        info = zipfile.ZipInfo("data/records.jsonl")
        archive.filelist.append(archive.filelist[2])
        assert info.filename == archive.filelist[2].filename
    return path


def _link_in_zip(at: Path) -> Path:
    path = at / "bag.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in listed({**BAG, "data/link": b"/etc/passwd"}).items():
            info = zipfile.ZipInfo(name)
            kind = stat.S_IFLNK if name == "data/link" else stat.S_IFREG
            info.external_attr = (kind | 0o644) << 16
            archive.writestr(info, content)
    return path


def _linked(path: Path, target: str) -> Path:
    (path / "data" / "link").symlink_to(target)
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path / "data" / "pipe")
    return path


def _lying(at: Path) -> Path:
    """Say of a file in a zip that it is smaller than what it unpacks to."""
    path = zipped(listed({**BAG, "data/zeros": b"\0" * (1 << 20)}), at)
    raw = path.read_bytes()
    return _file(at, raw.replace(struct.pack("<I", 1 << 20), struct.pack("<I", 10)))
