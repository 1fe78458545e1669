"""Hostile and broken files, the same ones every time, for the tests and the benchmark.

Nothing here is kept: the files are made in a temporary folder, from small good files of every
format (`good`) whose one marked phrase is replaced by what is to be tried.
"""

import random
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption

from tests.hostile.good import good, pdf
from tests.hostile.made import Made, compound, parts_of, zipped
from tests.hostile.packages import bombs, outward, sheets, xml_attacks, zip_tricks
from tests.hostile.pdfs import pdfs
from tests.hostile.pictures import pictures
from tests.hostile.texts import (
    encoded_texts,
    mails,
    pages,
    plain_texts,
    rich_texts,
    tables_of_text,
)

SLOWLY_READ = {"rtf", "png", "jpg", "tiff"}  # seconds each, by another program


def hostile_files(canary: Path, url: str) -> Made:
    """Yield name and bytes of every hostile file.

    `canary` is a file that nothing may read, `url` an address that nothing may ask.
    """
    for make in (
        truncated, flipped, xml_attacks, outward, zip_tricks, bombs, sheets, pdfs, pictures,
        encoded_texts, tables_of_text, pages, rich_texts, mails, plain_texts, wrong_suffixes,
        protected,
    ):  # fmt: skip
        needs = {"canary": canary, "url": url} if make in {xml_attacks, outward} else {}
        for name, data in make(**needs):
            yield f"{make.__name__}-{name}", data


def truncated() -> Made:
    """Every format, cut at every tenth of its length; at three where another program reads."""
    for suffix, data in good().items():
        for tenth in range(1, 10) if suffix not in SLOWLY_READ else (1, 5, 9):
            yield f"{tenth}0.{suffix}", data[: len(data) * tenth // 10]


def flipped() -> Made:
    """Every format with bits turned over: one, ten, and a hundred of them."""
    for suffix, data in good().items():
        chance = random.Random(suffix)
        for bits in (1, 10, 100) if suffix != "rtf" else (10,):
            broken = bytearray(data)
            for _ in range(bits):
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            yield f"{bits}.{suffix}", bytes(broken)


def wrong_suffixes() -> Made:
    """Every format under the name of another."""
    suffixes = list(good())
    for suffix, other in zip(suffixes, suffixes[5:] + suffixes[:5], strict=True):
        yield f"{suffix}-as.{other}", good()[suffix]
    yield "noise.docx", random.Random(3).randbytes(50_000)
    yield "program.pdf", b"\x7fELF" + bytes(range(256)) * 100
    yield "archive.zip", zipped({"a.txt": b"x", "b/c.txt": b"y"})


def protected() -> Made:
    """Files behind a password."""
    yield "package.docx", compound(("EncryptionInfo", b"x"), ("EncryptedPackage", b"y"))
    yield "package.xlsx", compound(("EncryptedPackage", b"y"))
    yield "old.doc", compound(("WordDocument", b"\xec\xa5" + b"\0" * 9 + b"\1"))
    yield (
        "book.xls",
        compound(
            ("Workbook", b"\x09\x08\x10\0\0\x06\x05\0" + b"\0" * 12 + b"\x2f\0\x06\0\1\0\1\0\1\0")
        ),
    )
    yield "user.pdf", pdf(encrypt=StandardEncryption("secret"))
    yield "owner.pdf", pdf(encrypt=StandardEncryption("", ownerPassword="secret", canPrint=0))
    data = good()["docx"].split(b"PK\x01\x02")
    yield "zip.docx", b"PK\x01\x02".join([data[0], *(p[:4] + b"\1" + p[5:] for p in data[1:])])
    odt = parts_of(good()["odt"])
    locked = (
        b"<manifest><file-entry full-path='content.xml'><encryption-data/></file-entry></manifest>"
    )
    yield "manifest.odt", zipped(odt | {"META-INF/manifest.xml": locked})
    rights = (
        b"<encryption><EncryptedData><EncryptionMethod Algorithm='aes'/></EncryptedData>"
        b"</encryption>"
    )
    yield "rights.epub", zipped(parts_of(good()["epub"]) | {"META-INF/encryption.xml": rights})
