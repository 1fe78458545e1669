"""Photos as readers get them: small enough for a phone that pays for every byte."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from sqlalchemy.orm import Session

from kb import copies, photos
from kb.photos import Photo

KINDS = ("JPEG", "PNG", "WEBP")  # that a photo is drawn anew as, whatever came
MOST = 100_000  # bytes of a photo
LONGEST = 960  # pixels of its longer side: twice the dots of the column on a phone
QUALITIES = (72, 55, 40, 25)  # of JPEG; then it gets narrower
NARROWER = 0.7


class Sized(NamedTuple):
    """A photo with the room it takes on the page, in pixels."""

    photo: Photo
    width: int
    height: int


def sized(session: Session, record_id: int, folder: Path) -> list[Sized]:
    """Return the record's photos for its page; one whose file is gone is left out."""
    found = ((one, copies.where(folder, one.sha256)) for one in photos.shown(session, record_id))
    return [Sized(one, *_size(path)) for one, path in found if path.is_file()]


@lru_cache(maxsize=32)
def small(path: Path) -> bytes:
    """Return the photo as JPEG of at most `MOST` bytes; its path says what is in it."""
    side = LONGEST
    with Image.open(path, formats=KINDS) as image:  # drawn by ourselves
        drawn = image.convert("RGB")
    while True:
        drawn.thumbnail((side, side))
        for quality in QUALITIES:
            out = BytesIO()
            drawn.save(out, "JPEG", quality=quality)
            if out.tell() <= MOST:
                return out.getvalue()
        side = int(side * NARROWER)


@lru_cache(maxsize=512)
def _size(path: Path) -> tuple[int, int]:
    with Image.open(path, formats=KINDS) as image:  # its head alone is read
        width, height = image.size
    share = min(1.0, LONGEST / max(width, height))
    return round(width * share), round(height * share)
