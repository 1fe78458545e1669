"""A book as a Word document: headings, lists and tables as Word knows them, with languages."""

from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree

from web.binding.book import Book, runs
from web.binding.epub import LONG_AGO
from web.binding.paper import SVG, pngs, said_of

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SVG_TAG: Final = "{http://www.w3.org/2000/svg}svg"
WIDTH, EDGE = 174, 18  # millimetres between the edges of A4, and each edge
QR_MM = 25
HEADINGS: Final = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3"}
BOLD: Final = frozenset({"b", "strong", "th", "dt"})
ITALIC: Final = frozenset({"i", "em"})
LINE: Final = frozenset(
    {"p", "dt", "dd", "li", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "pre"}
)
AROUND: Final = frozenset(
    {"div", "section", "article", "header", "footer", "figure", "blockquote", "dl", "ul", "ol"}
    | {"table", "nav", *LINE}
)


def word(book: Book) -> bytes:
    """Return the book as a .docx file, the same bytes for the same book."""
    return _Writer(book).written()


class _Writer:
    """A document while it is written; where it stands is said by each call."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._document = Document()
        self._bookmarks = 0
        whole = "".join(one.body for one in book.chapters)
        drawings = tuple(found[0] for found in SVG.finditer(whole))
        self._drawings = iter(drawings)
        self._pictures = iter(pngs(drawings))
        self._set_up()

    def written(self) -> bytes:
        """Write everything, and return the file."""
        front, *others = self._book.chapters
        self._chapter(front.anchor, front.body)
        self._contents()
        for chapter in others:
            self._chapter(chapter.anchor, chapter.body)
        kept = BytesIO()
        self._document.save(kept)
        return _same(kept.getvalue())

    def _set_up(self) -> None:
        book, properties = self._book, self._document.core_properties
        properties.title, properties.author = book.title, book.library
        properties.language, properties.comments = book.language, book.address
        properties.created = properties.modified = book.made.replace(tzinfo=None)
        properties.last_modified_by = book.library
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(EDGE)
        section.top_margin = section.bottom_margin = Mm(EDGE)
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = "Noto Sans", Pt(10.5)
        normal.paragraph_format.space_after = Pt(4)
        for fonts in self._document.styles.element.iter(qn("w:lang")):
            for name in ("val", "bidi"):
                fonts.set(qn(f"w:{name}"), book.language)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _field(footer, "PAGE", "1")

    def _contents(self) -> None:
        heading = self._document.add_heading(self._book.contents, 1)
        self._turn(heading, self._book.language)
        for chapter in self._book.chapters[1:]:
            entry = self._document.add_paragraph()
            language = chapter.language or self._book.language
            self._turn(entry, language)
            link = _link(entry, anchor=chapter.anchor)
            self._run(entry, chapter.title, language, frozenset(), link)
        self._document.add_page_break()  # type: ignore[no-untyped-call]

    def _chapter(self, anchor: str, body: str) -> None:
        at = len(self._document.element.body)
        root = etree.fromstring(f"<div>{body}</div>")
        self._blocks(self._document, root, self._book.language, "Normal")
        if at < len(self._document.element.body):
            self._bookmark(self._document.element.body[at], anchor)

    def _bookmark(self, block: Any, name: str) -> None:
        self._bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self._bookmarks))
        start.set(qn("w:name"), name)
        block.addprevious(start)
        start.addnext(end)

    def _blocks(self, place: Any, element: Any, language: str, style: str) -> None:
        """Write what is in an element: runs of words as paragraphs, blocks each as what it is."""
        paragraph: Any = None

        def line() -> Any:
            nonlocal paragraph
            if paragraph is None:
                paragraph = self._paragraph(place, style, language)
            return paragraph

        if (element.text or "").strip():
            self._run(line(), element.text, language, _emphasis(element), None)
        for child in element:
            own = child.get("lang", language)
            if child.tag == SVG_TAG:
                self._picture(place)
                paragraph = None
            elif child.tag in AROUND or _holds_blocks(child):
                paragraph = None
                self._block(place, child, own, style)
            else:
                self._inline(line(), child, own, _emphasis(element))
            if (child.tail or "").strip() or (child.tail and paragraph is not None):
                self._run(line(), child.tail, language, _emphasis(element), None)

    def _block(self, place: Any, element: Any, language: str, style: str) -> None:
        tag = element.tag
        if tag in HEADINGS:
            self._blocks(place, element, language, HEADINGS[tag])
        elif tag == "table":
            self._table(place, element, language)
        elif tag in {"ul", "ol"}:
            for item in element:
                named = "List Number" if tag == "ol" else "List Bullet"
                self._blocks(place, item, item.get("lang", language), named)
        elif tag == "blockquote":
            self._blocks(place, element, language, "Quote")
        else:
            self._blocks(place, element, language, style)

    def _paragraph(self, place: Any, style: str, language: str) -> Any:
        paragraph = place.add_paragraph(style=self._document.styles[style])
        self._turn(paragraph, language)
        return paragraph

    def _turn(self, paragraph: Any, language: str) -> None:
        """Let a paragraph run from right to left where its language does."""
        if runs(language) == "rtl":
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001

    def _inline(self, paragraph: Any, element: Any, language: str, marks: frozenset[str]) -> None:
        if element.tag == "br":
            paragraph.add_run().add_break()
            return
        link = None
        if address := element.get("href"):
            link = _link(paragraph, address=address)
        marks |= _emphasis(element)
        self._run(paragraph, element.text, language, marks, link)
        for child in element:
            if child.tag == SVG_TAG:
                next(self._drawings)
                next(self._pictures, None)
            elif link is not None:
                own = child.get("lang", language)
                self._run(paragraph, "".join(child.itertext()), own, marks, link)
            else:
                self._inline(paragraph, child, child.get("lang", language), marks)
            self._run(paragraph, child.tail, language, marks, link)

    def _run(
        self, paragraph: Any, text: str | None, language: str, marks: frozenset[str], link: Any
    ) -> None:
        said = " ".join((text or "").split())
        if not text:
            return
        before = " " if text[0].isspace() and paragraph._p.xpath(".//w:t") else ""  # noqa: SLF001
        after = " " if said and text[-1].isspace() else ""
        run = paragraph.add_run(f"{before}{said}{after}")
        run.bold, run.italic = "b" in marks or None, "i" in marks or None
        about = run._r.get_or_add_rPr()  # noqa: SLF001
        tongue = OxmlElement("w:lang")
        if runs(language) == "rtl":
            about.append(OxmlElement("w:rtl"))
            tongue.set(qn("w:bidi"), language)
        else:
            tongue.set(qn("w:val"), language)
        about.append(tongue)
        if link is not None:
            run.underline = True
            link.append(run._r)  # noqa: SLF001

    def _picture(self, place: Any) -> None:
        """Put the next drawing as a picture, and its description where there is none."""
        drawing, picture = next(self._drawings), next(self._pictures, None)
        said = said_of(drawing)
        if picture is None or not said:
            if said:
                language = self._book.language
                line = self._paragraph(place, "Normal", language)
                self._run(line, said, language, frozenset({"i"}), None)
            return
        run = self._paragraph(place, "Normal", "en").add_run()
        shown = run.add_picture(BytesIO(picture), width=Mm(WIDTH))
        shown._inline.docPr.set("descr", said)  # noqa: SLF001
        shown._inline.docPr.set("title", said.partition(". ")[0])  # noqa: SLF001

    def _table(self, place: Any, element: Any, language: str) -> None:
        rows = list(element.iter("tr"))
        columns = max(sum(int(cell.get("colspan", 1)) for cell in row) for row in rows)
        table = place.add_table(len(rows), columns)
        table.style = self._document.styles["Table Grid"]
        table.autofit = True
        if runs(language) == "rtl":
            table._tblPr.append(OxmlElement("w:bidiVisual"))  # noqa: SLF001
        for n, row in enumerate(rows):
            if all(cell.tag == "th" for cell in row):
                table.rows[n]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
            column = 0
            for cell in row:
                wide = int(cell.get("colspan", 1))
                there = table.cell(n, column)
                if wide > 1:
                    there = there.merge(table.cell(n, column + wide - 1))
                column += wide
                first = there.paragraphs[0]
                self._blocks(there, cell, cell.get("lang", language), "Normal")
                if len(there.paragraphs) > 1 and not first.text:
                    first._p.getparent().remove(first._p)  # noqa: SLF001
        if place is self._document:
            place.add_paragraph()


def _emphasis(element: Any) -> frozenset[str]:
    names = {"b" * (element.tag in BOLD), "i" * (element.tag in ITALIC)}
    return frozenset(names - {""})


def _holds_blocks(element: Any) -> bool:
    return any(one.tag in AROUND or one.tag == SVG_TAG for one in element.iterdescendants())


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = paragraph.add_run(shown)
    field.append(run._r)  # noqa: SLF001
    paragraph._p.append(field)  # noqa: SLF001


def _link(paragraph: Any, *, address: str = "", anchor: str = "") -> Any:
    link = OxmlElement("w:hyperlink")
    if anchor or address.startswith("#"):
        link.set(qn("w:anchor"), anchor or address[1:])
    else:
        known = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), known)
    paragraph._p.append(link)  # noqa: SLF001
    return link


def _same(document: bytes) -> bytes:
    """Return the file without the moment at which it was packed."""
    written = BytesIO()
    with ZipFile(BytesIO(document)) as old, ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, LONG_AGO), old.read(name), ZIP_DEFLATED)
    return written.getvalue()
