"""The child process of `web.binding.paper`: HTML comes in, a tagged PDF goes out.

The HTML brings everything with it; nothing is fetched, neither from the disk nor from the net.
Noto Sans, which has Latin and Arabic letters, is given to it here; other scripts take what the
computer has.
"""

import base64
import logging
import resource
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parents[1] / "fonts"
WEIGHTS = {"Regular": "normal", "Bold": "bold"}
MOST_BYTES = 1_500_000_000  # of addresses: a package of sixty stories takes a third
MOST_SECONDS = 120  # of the processor
MISSING = 3  # the exit status that says that WeasyPrint, or Pango, is not there


def serve() -> None:
    """Turn standard input into a PDF on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415  only here: it is large, and optional
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError):  # OSError: Pango's library is not found
        sys.exit(MISSING)
    _write_whole_words()
    _tag_wholly()
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fetcher = URLFetcher(allowed_protocols=["data"])
    fonts = FontConfiguration()
    faces = CSS(string=_faces(), font_config=fonts, url_fetcher=fetcher)
    html = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    sys.stdout.buffer.write(
        html.write_pdf(stylesheets=[faces], font_config=fonts, pdf_variant="pdf/ua-1")
    )


class _Word(str):
    """A text that is one letter to whoever goes through its letters."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        yield str(self)


def _write_whole_words() -> None:
    """Let the texts of drawings be shaped as a whole.

    WeasyPrint 70 places each letter by itself, since SVG may give each its own place. Ours never
    do, and Arabic or Devanagari would fall apart.
    """
    from weasyprint.svg import Node  # noqa: PLC0415

    Node.text = property(lambda node: _Word(node._etree_node.text or ""))  # noqa: SLF001


def _tag_wholly() -> None:
    """Let the structure say what WeasyPrint 70 leaves out of it.

    That is: in which language a part is, whose a header cell is, and of an item of a list what its
    body is, where that is more than a line.
    Source: PDF/UA-1 (ISO 14289-1), 7.2 and 7.5; ISO 32000-1, 14.8.4.3.
    """
    from pydyf import String  # noqa: PLC0415
    from weasyprint.pdf import tags  # noqa: PLC0415

    build = tags._build_box_tree  # noqa: SLF001

    def told(box: Any, parent: Any, pdf: Any, *more: Any) -> Iterator[Any]:
        for element in build(box, parent, pdf, *more):
            about = getattr(box.element, "attrib", {})
            if "lang" in about:
                element["Lang"] = String(about["lang"])
            if element["S"] == "/TH":
                element["A"]["Scope"] = "/Row" if about.get("scope") == "row" else "/Column"
            if element["S"] == "/LI":
                _embody(element, pdf)
            yield element

    tags._build_box_tree = told  # noqa: SLF001


def _embody(item: Any, pdf: Any) -> None:
    """Put what stands in an item of a list, and is neither its mark nor a body, into a body."""
    from pydyf import Array, Dictionary  # noqa: PLC0415

    def named(reference: bytes) -> Any:
        return pdf.objects[int(reference.split()[0])]

    kids: list[bytes] = []
    for is_known, together in groupby(item["K"], lambda one: named(one)["S"] in {"/Lbl", "/LBody"}):
        inside = list(together)
        if is_known:
            kids += inside
            continue
        body = Dictionary({"Type": "/StructElem", "S": "/LBody", "K": Array(inside)})
        body |= {"Pg": item["Pg"], "P": item.reference}
        pdf.add_object(body)
        for one in inside:
            named(one)["P"] = body.reference
        kids.append(body.reference)
    item["K"] = Array(kids)


def _faces() -> str:
    return "".join(
        f'@font-face {{ font-family: "Noto Sans"; font-weight: {weight}; '
        f"src: url(data:font/ttf;base64,{_encoded(name)}) }}"
        for name, weight in WEIGHTS.items()
    )


def _encoded(name: str) -> str:
    return base64.b64encode((FONTS / f"NotoSans-{name}.ttf").read_bytes()).decode()
