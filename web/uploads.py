"""A form with one file: read within bounds, the file in the sandbox, and nothing of it is kept."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path, PurePath
from threading import Lock
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs, urlencode

from fastapi import Depends, Request

from ingest.document import Document
from ingest.order import Order, UncleanError
from ingest.readers.limits import Limits
from ingest.readers.refusal import UnreadableError
from ingest.sandbox import Reader
from kb import leftovers
from kb.errors import InvalidError, NotReadyError
from kb.wording import marked
from web.forms import Form

_MIB = 1 << 20
MOST_FILE = 5 * _MIB  # bytes
MOST_PHOTO = 12 * _MIB  # bytes: as the camera of a phone writes it
MOST_FIELDS = 40  # three for each photo of a story, and those around them
LONGEST_SIDE = 1_600  # pixels of a photo as it is kept: a register can still be read on it
_BESIDE = 256 * 1024  # bytes of a form beside its file: what was written
# Bytes that are taken off the line before the answer: a browser that is cut short shows no answer.
_MOST_TAKEN = 40 * _MIB
_MOST_HEAD = 4_096  # bytes of the head of one field
_SCRATCH = "reading-"  # swept by the sandbox when this process was killed
LIMITS = Limits(
    wall_s=20,
    file_bytes=MOST_PHOTO,
    unpacked_bytes=60 * _MIB,
    pages=60,
    rows=500,
    markdown_chars=200_000,
    ocr=False,
)
ONE_AT_A_TIME = Lock()
PHOTOS = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


class TooLargeError(InvalidError):
    """A file has more bytes than are read here."""


class Upload(NamedTuple):
    """A file as a browser sends it."""

    name: str  # as the sender calls it; empty when no file was chosen
    data: bytes

    @property
    def suffix(self) -> str:
        """The end of its name, such as ".docx"; empty where that is nothing plain."""
        suffix = PurePath(self.name).suffix[:8].lower()
        return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ""


@dataclass(frozen=True, slots=True)
class FormWithFile:
    """What was filled in, and the files by the names of their fields."""

    form: Form
    files: dict[str, Upload] = field(default_factory=dict)
    too_long: bool = False  # more was sent than is kept: the file is not whole
    most: int = MOST_FILE  # bytes of a file

    def file(self, name: str) -> Upload | None:
        """Return the file in a field, or None when none was chosen.

        Raises:
            TooLargeError: it is.
        """
        found = self.files.get(name)
        if found is None or not found.name:
            return None
        if self.too_long or len(found.data) > self.most:
            raise TooLargeError(
                marked(
                    "The file is too large: files up to %(megabytes)s MB are read here.",
                    megabytes=self.most // _MIB,
                ),
                hint=marked("Save it without its pictures, or paste its text."),
            )
        return found


def read_document(upload: Upload) -> Document:
    """Return the Document in the file; its copy on the disk is gone when this returns.

    Raises:
        InvalidError: it cannot be read; the message says why.
        NotReadyError: another file is being read.
    """
    try:
        with _alone(upload) as (path, reader):
            return reader.read(path)
    except UnreadableError as error:
        raise InvalidError(
            str(error),
            hint=marked("Save it as .docx, .pdf or .txt and send that, or paste its text."),
        ) from error


def clean_photo(upload: Upload) -> bytes:
    """Return a photo drawn anew and not too large, without where and by what it was taken.

    Raises:
        InvalidError: it is no picture that can be opened.
        NotReadyError: another file is being read.
    """
    try:
        with _alone(upload) as (path, reader):
            copy = reader.copy(path, Order(longest=LONGEST_SIDE))
    except (UnreadableError, UncleanError) as error:
        raise InvalidError(
            marked("This photo cannot be opened."),
            hint=marked("Send it as JPEG or PNG, or take it again."),
        ) from error
    if copy.suffix not in PHOTOS:
        raise InvalidError(
            marked("This is no photo."), hint=marked("Choose a picture: JPEG, PNG or WebP.")
        )
    return copy.data


@contextmanager
def _alone(upload: Upload) -> Iterator[tuple[Path, Reader]]:
    """Give the file a place on the disk and a reader, while no other file is read."""
    if not ONE_AT_A_TIME.acquire(blocking=False):
        raise NotReadyError(
            marked("Another reader’s file is being read just now."),
            hint=marked("Send yours again in half a minute, or paste its text."),
        )
    scratch = tempfile.mkdtemp(prefix=leftovers.mark(_SCRATCH))
    try:
        path = Path(scratch, f"Your file{upload.suffix}")
        path.write_bytes(upload.data)
        with Reader(limits=LIMITS, preload=False, at_once=1) as reader:
            yield path, reader
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        ONE_AT_A_TIME.release()


async def _sent(request: Request, most: int) -> FormWithFile:
    body, taken = bytearray(), 0
    async for piece in request.stream():
        taken += len(piece)
        body += piece[: max(0, most + _BESIDE - len(body))]
        if taken > _MOST_TAKEN:
            break
    kind = request.headers.get("content-type", "")
    sent = replace(filled(kind, bytes(body), cut=taken > len(body)), most=most)
    request.state.typed = urlencode(sent.form.fields, doseq=True).encode()
    return sent


async def beside_files(request: Request) -> str:
    """Return what was written in a form beside its files, as a form without files is sent.

    Raises:
        InvalidError: it is no form.
    """
    return urlencode((await _sent(request, MOST_PHOTO)).form.fields, doseq=True)


async def _filled(request: Request) -> FormWithFile:
    return await _sent(request, MOST_FILE)


async def _with_photo(request: Request) -> FormWithFile:
    return await _sent(request, MOST_PHOTO)


def filled(content_type: str, body: bytes, *, cut: bool = False) -> FormWithFile:
    """Return the form in `body`, with files or without; of a `cut` one, what came before the cut.

    Raises:
        InvalidError: it is no form.
    """
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_boundary()
    try:
        if head.get_content_type() != "multipart/form-data" or boundary is None:
            fields = parse_qs(body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
            return FormWithFile(Form(fields), too_long=cut)
        fields, files = {}, {}
        for name, filename, data in _parts(body, boundary.encode()):
            if filename is None:
                fields.setdefault(name, []).append(data.decode())
            else:
                files[name] = Upload(filename, data)
    except ValueError as error:  # not UTF-8, too many fields, or no form at all
        raise InvalidError(
            marked("The form cannot be read."), hint=marked("Load the page, send again.")
        ) from error
    return FormWithFile(Form(fields), files, too_long=cut)


def files_in(content_type: str, body: bytes, *, name: str = "files") -> list[Upload]:
    """Return the files in the fields of that name, in their order; other fields are left out.

    Raises:
        InvalidError: it is no form with files.
    """
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_boundary() or ""
    try:
        parts = list(_parts(body, boundary.encode()))
    except ValueError as error:
        raise InvalidError(
            "The files cannot be read.",
            hint=f"Send them as multipart/form-data, in fields called {name}.",
        ) from error
    return [Upload(file, data) for field, file, data in parts if field == name and file is not None]


UploadDep = Annotated[FormWithFile, Depends(_filled)]
PhotoDep = Annotated[FormWithFile, Depends(_with_photo)]


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, str | None, bytes]]:
    """Yield name, file name (None of an ordinary field) and content of each part.

    Raises:
        ValueError: there are too many, or one has no name.

    Source: RFC 7578.
    """
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 1)
    for number, piece in enumerate(pieces):
        if piece.startswith(b"--"):
            return
        head, _, data = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if number == MOST_FIELDS or len(head) > _MOST_HEAD:
            raise ValueError("no form of ours")
        # Browsers and programs write names of files in UTF-8, whatever RFC 822 says of headers.
        said = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        name = said.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise ValueError("a field without a name")  # noqa: TRY004  it came from outside
        yield name, said.get_filename(), data
