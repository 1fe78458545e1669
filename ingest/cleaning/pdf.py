"""The copy of a PDF for readers: as it is without its properties, or drawn anew where words go."""

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.hidden import hidden_in, pictures_of
from ingest.readers.limits import Limits
from kb.vocabulary import IdentifierKind

DPI = 110  # of pages that are drawn: letters stay sharp on a phone
POINTS = 72  # to the inch
MOST_DRAWN = 100  # pages
QUALITY = 60  # of JPEG
MARGIN = 1.5  # points round a word that is blacked out
_CATALOGUE = ("/Metadata", "/OpenAction", "/AA", "/AcroForm", "/JavaScript", "/Names", "/PieceInfo",
              "/Collection", "/Threads", "/SpiderInfo", "/AF")  # fmt: skip
_PAGE = ("/Metadata", "/AA", "/PieceInfo", "/Thumb", "/LastModified", "/B", "/AF")


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
        for name in _CATALOGUE:
            if name in pdf.Root:
                del pdf.Root[name]
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for page in pdf.pages:
            for name in _PAGE:
                if name in page.obj:
                    del page.obj[name]
            _keep_links_only(pdf, page)
        for thing in pdf.objects:
            if isinstance(thing, (pikepdf.Stream, pikepdf.Dictionary)) and "/Metadata" in thing:
                del thing["/Metadata"]  # of a picture
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


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
            image = page.render(scale=DPI / POINTS).to_pil().convert("RGB")
            for box, said in (*_word_boxes(page, words), *_face_boxes(page, number, faces)):
                _paint(image, page, box)
                seen.add(said)
            _add_page(out, image)
            page.close()
        _refuse_unseen(words, faces, seen, document)
        copy = io.BytesIO()
        out.save(copy, deterministic_id=True)
        return copy.getvalue()
    finally:
        document.close()


Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


def _word_boxes(page: pypdfium2.PdfPage, words: Words) -> Iterator[tuple[Box, str]]:
    letters = page.get_textpage()
    text = letters.get_text_range()
    for start, end, _ in words.spans(text):
        said = " ".join(text[start:end].split()).casefold()
        for place in range(start, end):
            if not text[place].isspace():
                yield letters.get_charbox(place, loose=True), said


def _face_boxes(
    page: pypdfium2.PdfPage, number: int, faces: frozenset[str]
) -> Iterator[tuple[Box, str]]:
    for place, image in enumerate(pictures_of(page), 1):
        where = f"page {number}, picture {place}"
        if where in faces:
            yield image.get_bounds(), where


def _paint(image: Image.Image, page: pypdfium2.PdfPage, box: Box) -> None:
    left, bottom, right, top = box
    x0, y0, _, y1 = page.get_mediabox()
    height = y1 - y0
    if page.get_rotation():
        raise UncleanError("A page is turned, so nobody can paint over it for certain.")
    scale = DPI / POINTS
    corners = [
        ((left - x0 - MARGIN) * scale, (height - (top - y0) - MARGIN) * scale),
        ((right - x0 + MARGIN) * scale, (height - (bottom - y0) + MARGIN) * scale),
    ]
    ImageDraw.Draw(image).rectangle(corners, fill="black")


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


def _refuse_unseen(
    words: Words, faces: frozenset[str], seen: set[str], document: pypdfium2.PdfDocument
) -> None:
    """Refuse where something was never found: it may be there, in a picture or broken up."""
    missing = sorted((words.wanted | faces) - seen)
    if missing and len(document):
        raise UncleanError(f"“{missing[0]}” was not found on its pages.")
