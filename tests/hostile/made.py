"""Containers written byte by byte, so that each byte may be wrong: zip, OLE, PDF."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

MIB = 1 << 20
Made = Iterator[tuple[str, bytes]]


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of the parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def compound(*streams: tuple[str, bytes]) -> bytes:
    """Return a compound file (OLE) with up to three small streams.

    Source: [MS-CFB] 2.2 header, 2.3 FAT, 2.6 directory.
    """
    end, free, fat_sector, size = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 4096
    header = struct.pack("<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E,
                         3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, size, end, 0, end, 0, 0)  # fmt: skip
    header += struct.pack("<I", free) * 108
    fat, content = [fat_sector, end], b""
    entries = [("Root Entry", 5, 1, end, 0)]
    for name, data in streams:
        entries.append((name, 2, free, len(fat), size))
        fat += [*range(len(fat) + 1, len(fat) + 8), end]
        content += data.ljust(size, b"\0")
    fat += [free] * (128 - len(fat))
    directory = b""
    for number, (name, kind, child, start, length) in enumerate(entries):
        right = number + 1 if 0 < number < len(entries) - 1 else free
        text = name.encode("utf-16-le")
        directory += struct.pack("<64sHBBIII16sIQQIQ", text, len(text) + 2, kind, 1, free, right,
                                 child, b"", 0, 0, 0, start, length)  # fmt: skip
    return header + struct.pack("<128I", *fat) + directory.ljust(512, b"\0") + content


def pdf_of(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects, the first its catalog, that it finds in their places."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer <</Size %d /Root %d 0 R %b>>\n" % (len(objects) + 1, root, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(data: bytes, words: bytes = b"") -> bytes:
    """Return a PDF stream object, deflated."""
    packed = zlib.compress(data, 9)
    head = b"<</Length %d /Filter /FlateDecode %b>>" % (len(packed), words)
    return head + b"\nstream\n" + packed + b"\nendstream"
