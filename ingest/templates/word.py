"""A guided template for Word and LibreOffice (.docx): one bordered box for each answer, on A4.

The XML is written here, and not by a library: it is small, the same every time, and holds nothing
but what is meant. The order of elements is the schema's (ECMA-376 part 1, 17), as Word insists.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from xml.sax.saxutils import escape

from ingest.questions import COLUMNS, TO_THE_LEFT, Block, Item, Kind, Row, about, page, word
from ingest.templates import leftward, package

WIDTH = 9638  # twentieths of a point between the margins of A4
LABEL = 3300  # of it, the questions in a block
_LINE = 420  # height of a line to write on by hand
_DATA = (2300, 1500, 1700, 1500, 2638)
DATA_ROWS = 12
_INLINE = 50  # characters of choices that fit beside each other
BOX = "☐"
_BODY = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
_LOCALES = {
    "en": "en-GB",
    "fr": "fr-FR",
    "es": "es-ES",
    "pt": "pt-PT",
    "sw": "sw-KE",
    "ar": "ar-SA",
}
_INK, _SOFT, _ACCENT, _TINT, _EDGE = "16262C", "50636A", "0B5C6B", "E6F1F1", "8CA3A6"


def write(kind: Kind, language: str) -> bytes:
    """Return the template as a file."""
    title, mark = kind.title[language], kind.mark(language)
    body, styles = _document(kind, language), _styles(_LOCALES[language])
    footer = _footer(f"{title} · {mark}")
    if language in TO_THE_LEFT:
        body, footer = map(leftward.document, (body, footer))
        styles = leftward.styles(styles)
    return package.packed(
        {
            "[Content_Types].xml": _xml(_TYPES),
            "_rels/.rels": _xml(_ROOT_LINKS),
            "docProps/core.xml": package.core(title=title, language=language, keywords=mark),
            "word/document.xml": _xml(body),
            "word/styles.xml": _xml(styles),
            "word/settings.xml": _xml(_SETTINGS),
            "word/footer1.xml": _xml(footer),
            "word/_rels/document.xml.rels": _xml(_LINKS),
        }
    )


def _xml(text: str) -> bytes:
    return f"{package.HEAD}{text}".encode()


def _document(kind: Kind, language: str) -> str:
    boxes = count(1)
    parts = [
        _paragraph(kind.title[language], "Title"),
        _paragraph(kind.whom[language], "Subtitle"),
        *(_paragraph(line, "Guide") for line in guide(kind, language)),
        _paragraph(f"{word('version', language)} · {kind.mark(language)}", "Mark"),
        _paragraph(word("about", language), "Heading1"),
        _rows(about(kind, language), boxes),
        _paragraph(word("story", language), "Heading1"),
        *(part for item in page(kind, language) for part in _item(item, language, boxes)),
        _paragraph(word("more", language), "Hint"),
        _paragraph(word("send", language), "Hint"),
    ]
    return (
        f'<w:document xmlns:w="{_BODY[0]}" xmlns:r="{_BODY[1]}"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14">'
        f"<w:body>{''.join(parts)}<w:sectPr>"
        '<w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1021" w:right="1134" w:bottom="1021" w:left="1134"'
        ' w:header="567" w:footer="510" w:gutter="0"/></w:sectPr></w:body></w:document>'
    )


def guide(kind: Kind, language: str) -> tuple[str, ...]:
    """Return the lines above the questions that say how to fill it."""
    first = f"{kind.letter}01"
    return (
        word("star", language),
        word("how", language),
        word("codes", language).format(code=first),
    )


def _item(item: Item, language: str, boxes: Iterator[int]) -> Iterator[str]:
    head = _head(item.code, item.ask, star=item.star)
    above = ""
    if item.lines:
        answer = _choices(item.choices, boxes) or _empty()
        hint = [_paragraph(word("tick", language), "Tick")] if item.choices else []
        high = _LINE * (item.lines if not item.choices else 1)
        rows = [
            _row([_cell(WIDTH, [head, *hint], fill=_TINT)], keep=True),
            _row([_cell(WIDTH, answer)], high=high, split=True),
        ]
        yield _table((WIDTH,), rows) + _gap()
    else:  # in the table of its first block, so that a page does not end between them
        above = _row([_cell(WIDTH, [head], fill=_TINT, span=2)], keep=True)
    for block in item.blocks:
        yield _block(block, language, boxes, above)
        above = ""


def _block(block: Block, language: str, boxes: Iterator[int], above: str) -> str:
    title = _paragraph(
        _code(block.code) + _run(f"  {block.title}", bold=True), "Question", raw=True, keep=True
    )
    head = above + _row([_cell(WIDTH, [title], fill=_TINT, span=2)], keep=True)
    table = _rows(block.rows, boxes, head=head)
    return table + (_data(block.data, language) if block.data else "")


def _rows(rows: Iterable[Row], boxes: Iterator[int], head: str = "") -> str:
    lines = [head] if head else []
    rows = list(rows)
    for row in rows:
        together = bool(head) and row is not rows[-1]  # a block does not break over two pages
        text = _code(row.code) + _run(f"  {row.ask}")
        label = _paragraph(text, "Label", raw=True, keep=together)
        answer = _choices(row.choices, boxes) or _empty()
        cells = [_cell(LABEL, [label], fill="F6F9F9"), _cell(WIDTH - LABEL, answer)]
        high = _LINE if row.choices else _LINE * max(row.lines, 1) + 80
        lines.append(_row(cells, high=high, split=row.lines > 1))
    return _table((LABEL, WIDTH - LABEL), lines) + _gap()


def _data(code: str, language: str) -> str:
    names = [word(column, language) for column in COLUMNS]
    heads = [
        _paragraph(
            (_code(code) + _run("  ") if not n else "") + _run(name, bold=True), "Label", raw=True
        )
        for n, name in enumerate(names)
    ]
    first = _row(
        [_cell(wide, [head], fill=_TINT) for wide, head in zip(_DATA, heads, strict=True)],
        header=True,
    )
    line = _row([_cell(wide, _empty()) for wide in _DATA], high=_LINE)
    hint = _paragraph(word("numbers", language), "Hint", keep=True)
    return hint + _table(_DATA, [first, *[line] * DATA_ROWS]) + _gap()


def _choices(labels: Iterable[str], boxes: Iterator[int]) -> list[str]:
    """Return the choices as boxes to tick: beside each other where they fit, else below."""
    options = [_box(next(boxes)) + _run(f"\u00a0{label}") for label in labels]
    if sum(len(label) + 3 for label in labels) <= _INLINE:
        return [_paragraph(_run("    ").join(options), "Answer", raw=True)] if options else []
    return [_paragraph(option, "Answer", raw=True) for option in options]


def _box(number: int) -> str:
    """A content control that Word and LibreOffice turn to ☒ by a click; on paper it is a box."""
    font = '<w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic"/>'
    state = 'w14:font="MS Gothic"/>'
    return (
        f'<w:sdt><w:sdtPr><w:id w:val="{number}"/><w14:checkbox><w14:checked w14:val="0"/>'
        f'<w14:checkedState w14:val="2612" {state}<w14:uncheckedState w14:val="2610" {state}'
        f"</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:rPr>{font}</w:rPr>"
        f"<w:t>{BOX}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def _head(code: str, ask: str, *, star: bool) -> str:
    sign = _run(" ★", color="A8431B") if star else ""
    return _paragraph(
        _code(code) + sign + _run(f"  {ask}", bold=True), "Question", raw=True, keep=True
    )


def _code(code: str) -> str:
    return f'<w:r><w:rPr><w:rStyle w:val="Code"/></w:rPr><w:t>{code}</w:t></w:r>'


def _run(text: str, *, bold: bool = False, color: str = "") -> str:
    look = ("<w:b/>" if bold else "") + (f'<w:color w:val="{color}"/>' if color else "")
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _paragraph(text: str, style: str, *, raw: bool = False, keep: bool = False) -> str:
    keeping = "<w:keepNext/>" if keep else ""
    inner = text if raw else _run(text)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keeping}</w:pPr>{inner}</w:p>'


def _empty() -> list[str]:
    return ['<w:p><w:pPr><w:pStyle w:val="Answer"/></w:pPr></w:p>']


def _gap() -> str:
    """Two tables without a paragraph between them would become one."""
    return '<w:p><w:pPr><w:pStyle w:val="Gap"/></w:pPr></w:p>'


def _cell(wide: int, paragraphs: list[str], *, fill: str = "", span: int = 1) -> str:
    spanning = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{spanning}{shade}</w:tcPr>'
        f"{''.join(paragraphs)}</w:tc>"
    )


def _row(
    cells: list[str],
    *,
    high: int = 0,
    split: bool = False,
    keep: bool = False,
    header: bool = False,
) -> str:
    whole = "" if split else "<w:cantSplit/>"
    tall = f'<w:trHeight w:val="{high}" w:hRule="atLeast"/>' if high else ""
    heading = "<w:tblHeader/>" if header else ""
    about_ = f"<w:trPr>{whole}{tall}{heading}</w:trPr>" if whole or tall or heading else ""
    assert not keep or "keepNext" in cells[0]
    return f"<w:tr>{about_}{''.join(cells)}</w:tr>"


def _table(widths: Iterable[int], rows: list[str]) -> str:
    grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="{_EDGE}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="45" w:type="dxa"/>'
        '<w:left w:w="113" w:type="dxa"/><w:bottom w:w="45" w:type="dxa"/>'
        '<w:right w:w="113" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _footer(text: str) -> str:
    field = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
        + (
            '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
            if kind == "begin"
            else ""
        )
        for kind in ("begin", "end")
    )
    return (
        f'<w:ftr xmlns:w="{_BODY[0]}"><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        f"{_run(text)}<w:r><w:tab/></w:r>{field}</w:p></w:ftr>"
    )


def _styles(locale: str) -> str:
    def style(
        name: str, look: str = "", shape: str = "", *, id_: str = "", kind: str = "paragraph"
    ) -> str:
        based = '<w:basedOn w:val="Normal"/>' if kind == "paragraph" and name != "Normal" else ""
        first = ' w:default="1"' if name == "Normal" else ""
        shape = f"<w:pPr>{shape}</w:pPr>" if shape else ""
        look = f"<w:rPr>{look}</w:rPr>" if look else ""
        return (
            f'<w:style w:type="{kind}"{first} w:styleId="{id_ or name}"><w:name w:val="{name}"/>'
            f"{based}<w:qFormat/>{shape}{look}</w:style>"
        )

    def letters(size: int, color: str = _INK, *, bold: bool = False) -> str:
        heavy = "<w:b/>" if bold else ""
        return f'{heavy}<w:color w:val="{color}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'

    def space(before: int = 0, after: int = 0) -> str:
        return f'<w:spacing w:before="{before}" w:after="{after}"/>'

    bar = f'<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="{_ACCENT}"/></w:pBdr>'
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>'
    fonts = '<w:rFonts w:ascii="Calibri" w:eastAsia="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/>'
    return (
        f'<w:styles xmlns:w="{_BODY[0]}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}'
        f'<w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="{locale}"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        + style("Normal", letters(22))
        + style("Title", letters(40, _ACCENT, bold=True), "<w:keepNext/>" + space(0, 40))
        + style("Subtitle", letters(24, _SOFT), space(0, 160))
        + style("heading 1", letters(28, _ACCENT, bold=True),
                "<w:keepNext/>" + space(260, 110) + '<w:outlineLvl w:val="0"/>', id_="Heading1")
        + style("Guide", letters(21), bar + space(0, 0) + '<w:ind w:left="170"/>')
        + style("Mark", letters(16, _SOFT), space(140, 0))
        + style("Hint", letters(19, _SOFT), space(60, 60))
        + style("Tick", letters(18, _SOFT), "<w:keepNext/>")
        + style("Question", letters(22))
        + style("Label", letters(20))
        + style("Answer", letters(22), space(20, 20))
        + style("Gap", letters(10),
                '<w:spacing w:before="0" w:after="0" w:line="140" w:lineRule="exact"/>')
        + style("footer", letters(16, _SOFT), tab, id_="Footer")
        + style("Code", letters(16, _SOFT), kind="character")
        + "</w:styles>"
    )  # fmt: skip


_SETTINGS = (
    f'<w:settings xmlns:w="{_BODY[0]}"><w:defaultTabStop w:val="567"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/{part}" ContentType="{kind}+xml"/>'
        for part, kind in (
            ("word/document.xml", f"{_WORD_TYPE}.document.main"),
            ("word/styles.xml", f"{_WORD_TYPE}.styles"),
            ("word/settings.xml", f"{_WORD_TYPE}.settings"),
            ("word/footer1.xml", f"{_WORD_TYPE}.footer"),
            ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties"),
        )
    )
    + "</Types>"
)
_ROOT_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
)
_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/settings" Target="settings.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/footer" Target="footer1.xml"/></Relationships>'
)
