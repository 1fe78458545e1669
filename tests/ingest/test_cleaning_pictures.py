"""Pictures in the copy: faces, the camera's notes, and what a curator may look at."""

import io
from zipfile import ZipFile

import pytest
from PIL import EpsImagePlugin, Image

from ingest.cleaning import Order, UncleanError, clean, look, pictures
from ingest.document import Format
from ingest.readers.hidden import hidden_in
from ingest.sandbox import Reader
from kb.vocabulary import IdentifierKind
from tests.ingest.identifying import (
    LIMITS,
    left_in,
    photo,
    printed,
    word_file,
    zipped_with,
)

pytestmark = pytest.mark.no_library


def test_a_face_becomes_grey_and_other_pictures_stay() -> None:
    where = "word/media/image1.jpg"
    kept = _picture(clean(word_file(), Format.DOCX, Order(), LIMITS).data, where)
    grey = _picture(clean(word_file(), Format.DOCX, Order(faces={where}), LIMITS).data, where)
    assert kept.size == grey.size
    assert all(abs(a - b) < 12 for a, b in zip(kept.getpixel((5, 5)), (0, 128, 128), strict=True))
    assert all(abs(one - 128) < 6 for one in grey.getpixel((5, 5)))
    assert not kept.getexif()


def _picture(data: bytes, where: str) -> Image.Image:
    with ZipFile(io.BytesIO(data)) as archive:
        return Image.open(io.BytesIO(archive.read(where))).convert("RGB")


def test_a_photo_loses_what_the_camera_wrote_and_a_face_gets_no_copy() -> None:
    found = {one.kind for one in hidden_in(photo(), Format.IMAGE, LIMITS).hidden}
    assert found == {
        IdentifierKind.FACE,
        IdentifierKind.METADATA,
        IdentifierKind.COORDINATES,
    }
    copy = clean(photo(), Format.IMAGE, Order(), LIMITS)
    assert copy.suffix == ".jpg"
    assert not left_in(copy.data)
    assert not Image.open(io.BytesIO(copy.data)).getexif()
    with pytest.raises(UncleanError, match="must not be seen"):
        clean(photo(), Format.IMAGE, Order(faces=frozenset({"the picture"})), LIMITS)


@pytest.mark.parametrize(
    ("name", "make", "where"),
    [
        ("a.docx", word_file, "word/media/image1.jpg"),
        ("a.pdf", printed, "page 1, picture 1"),
        ("a.jpg", photo, "the picture"),
    ],
)
def test_a_curator_looks_at_a_picture_without_opening_the_file(tmp_path, name, make, where) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with Reader(preload=False, at_once=1) as reader:
        shown = Image.open(io.BytesIO(reader.picture(path, where)))
        assert (shown.format, shown.size) == ("PNG", (120, 90))
        assert all(
            abs(a - b) < 12 for a, b in zip(shown.getpixel((60, 45)), (0, 128, 128), strict=True)
        )
        with pytest.raises(UncleanError):
            reader.picture(path, "../../etc/passwd" if name != "a.jpg" else "page 9")


def test_a_picture_that_another_program_would_draw_is_not_opened(tmp_path, monkeypatch) -> None:
    started, drawer = tmp_path / "started", tmp_path / "gs"
    drawer.write_text(f"#!/bin/sh\ntouch {started}\n", encoding="utf-8")
    drawer.chmod(0o700)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", str(drawer))
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n%%EndComments\n%%EOF\n"
    where = "word/media/image1.jpg"
    data = zipped_with(word_file(), {where: program})
    with pytest.raises(UncleanError, match="cannot be opened"):
        clean(data, Format.DOCX, Order(), LIMITS)
    with pytest.raises(UncleanError, match="cannot be opened"):
        look.picture(data, Format.DOCX, where, LIMITS)
    told = [one.text for one in hidden_in(data, Format.DOCX, LIMITS).hidden if one.where == where]
    assert told == ["a picture that cannot be opened"]
    assert not started.exists()


def test_a_photo_keeps_its_dots_and_loses_what_stands_beside_them() -> None:
    bare = pictures.without_notes(photo())
    assert b"Zawadi" not in bare
    assert not Image.open(io.BytesIO(bare)).getexif()
    whole = Image.open(io.BytesIO(photo()))
    assert list(whole.histogram()) == list(Image.open(io.BytesIO(bare)).histogram())


def test_a_photo_is_made_as_small_as_is_asked_and_keeps_its_shape(tmp_path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    with Image.open(path) as image:
        before = image.size
    with Reader(preload=False, at_once=1) as reader:
        copy = reader.copy(path, Order(longest=20))
        whole = reader.copy(path, Order())
    with Image.open(io.BytesIO(copy.data)) as small:
        assert max(small.size) == 20
        assert not small.getexif()
    with Image.open(io.BytesIO(whole.data)) as same:
        assert sorted(same.size) == sorted(before)
