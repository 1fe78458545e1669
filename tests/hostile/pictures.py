"""Pictures that are larger than they look, or have no end."""

import struct
import zlib

from PIL import Image

from tests.hostile.good import good, saved
from tests.hostile.made import MIB, Made


def pictures() -> Made:
    """Pictures that are larger than they look, or have no end."""
    yield "declared.png", _png(10_000, 10_000, b"\0")
    yield "declared-most.png", _png(2**31 - 1, 2**31 - 1, b"\0")
    for kind, name in (("PNG", "png"), ("TIFF", "tiff")):
        picture = Image.new("1", (12_000, 9_000))
        options = {"compression": "group4"} if kind == "TIFF" else {}
        yield f"100-megapixels.{name}", saved(lambda file: picture.save(file, kind, **options))  # noqa: B023
    yield (
        "100-megapixels.jpg",
        saved(lambda file: Image.new("L", (12_000, 9_000)).save(file, "JPEG")),
    )
    jpeg = bytearray(good()["jpg"])
    at = jpeg.find(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    yield "declared.jpg", bytes(jpeg)
    text = b"a\0\0" + zlib.compress(b"x" * (100 * MIB), 9)
    yield "text-bomb.png", _png(10, 10, b"\0" * 200, (b"zTXt", text))
    profile = b"a\0\0" + zlib.compress(b"x" * (100 * MIB), 9)
    yield "profile-bomb.png", _png(10, 10, b"\0" * 200, (b"iCCP", profile))
    yield "chunks.png", _png(10, 10, b"\0" * 200, *[(b"tEXt", b"k\0v")] * 20_000)
    yield "data-bomb.png", _png(10, 10, b"\0" * (200 * MIB))
    yield "pages.tiff", _tiff([(1, 1)] * 3_000)
    yield "loop.tiff", _tiff([(1, 1)], loop=True)
    yield "declared.tiff", _tiff([(100_000, 100_000)])
    yield (
        "declared.bmp",
        b"BM" + struct.pack("<IHHIIiiHHIIIIII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, *[0] * 6),
    )
    yield "declared.gif", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\1\0\0;"
    yield "declared.webp", b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\0\0"
    yield "film.avi", b"RIFF\x20\0\0\0AVI LIST"
    yield "photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500


def _png(wide: int, high: int, pixels: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    every = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in every
    )


def _tiff(sizes: list[tuple[int, int]], *, loop: bool = False) -> bytes:
    """Return a TIFF of grey pages with one byte of data each."""
    out = bytearray(b"II*\0" + struct.pack("<I", 9) + b"\xff")
    for number, (wide, high) in enumerate(sizes):
        tags = [(256, 4, wide), (257, 4, high), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
                (277, 3, 1), (278, 4, high), (279, 4, 1)]  # fmt: skip
        out += struct.pack("<H", len(tags))
        out += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        last = number == len(sizes) - 1
        following = (9 if loop else 0) if last else len(out) + 4
        out += struct.pack("<I", following)
    return bytes(out)
