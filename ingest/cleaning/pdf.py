"""The copy of a PDF for readers: as it is without its properties, or drawn anew where words go."""

import io
from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_int

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw
from pypdfium2 import raw as pdfium

from ingest.cleaning import pictures
from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError, Words, squeezed
from ingest.readers.hidden import hidden_in, pictures_of
from ingest.readers.limits import Limits
from kb.vocabulary import IdentifierKind

DPI = 110  # of pages that are drawn: letters stay sharp on a phone
POINTS = 72  # to the inch
MOST_DRAWN = 100  # pages
QUALITY = 60  # of JPEG
MARGIN = 1.5  # points round a word that is blacked out
# What of a document's catalogue stays; forms, names, scripts, attachments and the rest go.
_CATALOGUE = frozenset(
    {"/Type", "/Pages", "/Version", "/Lang", "/PageLayout", "/PageMode", "/MarkInfo",
     "/ViewerPreferences", "/PageLabels", "/OCProperties", "/Outlines", "/Dests",
     "/StructTreeRoot", "/Extensions"}
)  # fmt: skip
_PAGE = ("/AA", "/Thumb", "/B")
_ANYWHERE = ("/Metadata", "/PieceInfo", "/LastModified", "/AF", "/OPI")  # pages, pictures, forms
_TRAILER = frozenset({"/Root", "/Size", "/ID"})
LEAST_SQUEEZED = 6  # letters of a word that is looked for even inside other words


def clean(data: bytes, order: Order, limits: Limits) -> Cleaned:
    """Return the copy.

    Where words or faces go, every page is drawn as a picture and they are painted over: in a PDF
    letters may stand in any order, so nothing less is certain.
    """
    words = Words(order.words)
    if words or order.faces:
        note = "Its pages were drawn as pictures, so that nothing stands under the black."
        return Cleaned(_drawn(data, words, order.faces), ".pdf", note)
    copy = _without_properties(data)
    left = [
        one
        for one in hidden_in(copy, Format.PDF, limits).hidden
        if one.kind is not IdentifierKind.FACE
    ]
    if left:
        raise UncleanError(f"It still holds {left[0].kind} in {left[0].where}.")
    return Cleaned(copy, ".pdf")


def _without_properties(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _forget(pdf.Root, set(pdf.Root.keys()) - _CATALOGUE)
        _forget(pdf.trailer, set(pdf.trailer.keys()) - _TRAILER)
        for page in pdf.pages:
            _forget(page.obj, _PAGE)
            _keep_links_only(pdf, page)
        for thing in pdf.objects:
            if isinstance(thing, (pikepdf.Stream, pikepdf.Dictionary)):
                _forget(thing, _ANYWHERE)
            if isinstance(thing, pikepdf.Stream):
                _forget_camera(pdf, thing)
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _forget(thing: pikepdf.Object, names: Iterable[str]) -> None:
    for name in names:
        if name in thing:
            del thing[name]


def _forget_camera(pdf: pikepdf.Pdf, stream: pikepdf.Stream) -> None:
    """Take out of a photo what its camera and its programs wrote into it.

    Raises:
        UncleanError: it is in a form that we cannot look into.
    """
    told = stream.get("/Filter")
    filters = list(told) if isinstance(told, pikepdf.Array) else [told]
    if pikepdf.Name.JPXDecode in filters:
        raise UncleanError("A picture of it is JPEG 2000, and may hold the camera's position.")
    if filters[-1] == pikepdf.Name.DCTDecode:
        packed = pikepdf.Stream(pdf, stream.read_raw_bytes(), Filter=pikepdf.Array(filters[:-1]))
        bare = pictures.without_notes(packed.read_bytes())
        stream.write(bare, filter=pikepdf.Name.DCTDecode)


def _keep_links_only(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    found = page.obj.get("/Annots")
    if not isinstance(found, pikepdf.Array):
        return
    kept = [one for one in found if _is_safe_link(one)]
    if kept:
        page.obj["/Annots"] = pdf.make_indirect(pikepdf.Array(kept))
    else:
        del page.obj["/Annots"]


def _is_safe_link(note: pikepdf.Object) -> bool:
    if not isinstance(note, pikepdf.Dictionary) or note.get("/Subtype") != "/Link":
        return False
    action = note.get("/A")
    if not isinstance(action, pikepdf.Dictionary):
        return "/AA" not in note
    address = str(action.get("/URI", ""))
    web = action.get("/S") == "/URI" and address.startswith(("http://", "https://"))
    return "/AA" not in note and (web or action.get("/S") == "/GoTo")


def _drawn(data: bytes, words: Words, faces: frozenset[str]) -> bytes:
    document = pypdfium2.PdfDocument(data)
    try:
        if len(document) > MOST_DRAWN:
            raise UncleanError(f"It has {len(document)} pages; {MOST_DRAWN} can be drawn anew.")
        seen: set[str] = set()
        out = pikepdf.new()
        for number, page in enumerate(document, 1):
            # Without its notes and the fields of its form, whose words are not among the page's.
            drawn = page.render(scale=DPI / POINTS, may_draw_forms=False, draw_annots=False)
            image = drawn.to_pil().convert("RGB")
            for box in _word_boxes(page, words):
                _paint(image, page, box)
            for box, where in _face_boxes(page, number, faces):
                _paint(image, page, box)
                seen.add(where)
            _add_page(out, image)
            page.close()
        words.refuse_unmet("on its pages")
        if unseen := sorted(faces - seen):
            raise UncleanError(f"“{unseen[0]}” was not found on its pages.")
        copy = io.BytesIO()
        out.save(copy, deterministic_id=True)
        return copy.getvalue()
    finally:
        document.close()


Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


def _word_boxes(page: pypdfium2.PdfPage, words: Words) -> Iterator[Box]:
    letters = page.get_textpage()
    text = letters.get_text_range()
    spans = words.spans(text)
    _refuse_broken(text, [text[start:end] for start, end, _ in spans], words)
    for start, end, _ in spans:
        for place in range(start, end):
            if not text[place].isspace():
                yield letters.get_charbox(place, loose=True)


def _refuse_broken(text: str, met: Sequence[str], words: Words) -> None:
    """Refuse a page where a word stands once more, broken at the end of a line or spaced out."""
    page = squeezed(text)
    painted = [squeezed(one) for one in met]
    for word in words.squeezed:
        if len(word) < LEAST_SQUEEZED:
            continue
        if page.count(word) > sum(one.count(word) for one in painted):
            raise UncleanError("What is to go stands on a page in a form that cannot be painted.")


def _face_boxes(
    page: pypdfium2.PdfPage, number: int, faces: frozenset[str]
) -> Iterator[tuple[Box, str]]:
    for place, image in enumerate(pictures_of(page), 1):
        where = f"page {number}, picture {place}"
        if where in faces:
            if image.level:  # its place is told in the measure of what it lies in
                raise UncleanError(f"“{where}” lies inside a drawing, and cannot be painted over.")
            yield image.get_bounds(), where


def _paint(image: Image.Image, page: pypdfium2.PdfPage, box: Box) -> None:
    """Paint over a box, wherever the page is cut and however it is turned."""
    left, bottom, right, top = box
    corners = [
        _dot(image, page, x, y)
        for x, y in ((left - MARGIN, bottom - MARGIN), (right + MARGIN, top + MARGIN))
    ]
    (x0, y0), (x1, y1) = corners
    ImageDraw.Draw(image).rectangle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), "black")


def _dot(image: Image.Image, page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    """Return the dot of the image at a point of the page."""
    across, down = c_int(), c_int()
    size = image.width, image.height
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, byref(across), byref(down))
    return across.value, down.value


def _add_page(out: pikepdf.Pdf, image: Image.Image) -> None:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=QUALITY, optimize=True)
    width, height = (side * POINTS / DPI for side in image.size)
    out.add_blank_page(page_size=(width, height))
    picture = pikepdf.Stream(
        out,
        stream.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = out.pages[-1]
    name = page.add_resource(picture, pikepdf.Name.XObject)
    page.contents_add(f"q {width:.2f} 0 0 {height:.2f} 0 0 cm {name} Do Q".encode())
