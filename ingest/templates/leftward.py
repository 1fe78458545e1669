"""A Word template for a language that is written to the left: the same, with marks that say so.

Word lays out by the marks alone: `w:bidi` turns a paragraph and a section, `w:bidiVisual` the
columns of a table, `w:rtl` makes a run one of a complex script, of which `w:bCs` makes it bold
(ECMA-376 part 1, 17.3.1.6, 17.6.1, 17.4.1, 17.3.2.30 and 17.3.2.2). What stands in which cell, and
in which order, stays: so a filled one is read back as any other.
"""

import re

_COMPLEX_FONT = 'w:cs="Arial"'  # on every computer, with Arabic letters
_SHAPE = re.compile(r'<w:pPr>(<w:pStyle w:val="\w+"/>(?:<w:keepNext/>)?)</w:pPr>')
_RUN = re.compile(r"<w:r>(?:<w:rPr>(?P<look>.*?)</w:rPr>)?(?P<text><w:t[ >][^<]*[\u0600-\u06ff])")


def document(xml: str) -> str:
    """Return the body of a document, or its footer, as it is laid out to the left."""
    xml = xml.replace("<w:tblPr>", "<w:tblPr><w:bidiVisual/>")
    xml = xml.replace("</w:sectPr>", "<w:bidi/></w:sectPr>")
    return _RUN.sub(_run, _SHAPE.sub(_paragraph, xml))


def styles(xml: str) -> str:
    """Return the styles, with paragraphs that somebody adds going the same way."""
    xml = xml.replace("<w:pPrDefault/>", "<w:pPrDefault><w:pPr><w:bidi/></w:pPr></w:pPrDefault>")
    xml = xml.replace("<w:pBdr><w:left ", "<w:pBdr><w:right ")  # edges do not turn by themselves
    xml = xml.replace('w:cs="Calibri"', _COMPLEX_FONT).replace("<w:b/>", "<w:b/><w:bCs/>")
    return re.sub(r'<w:lang w:val="([\w-]+)"/>', r'<w:lang w:val="\1" w:bidi="\1"/>', xml)


def _paragraph(found: re.Match[str]) -> str:
    # What is typed into an empty box looks as its paragraph's end does.
    end = "<w:rPr><w:rtl/></w:rPr>" if '"Answer"' in found[1] else ""
    return f"<w:pPr>{found[1]}<w:bidi/>{end}</w:pPr>"


def _run(found: re.Match[str]) -> str:
    look = (found["look"] or "").replace("<w:b/>", "<w:b/><w:bCs/>")
    return f"<w:r><w:rPr>{look}<w:rtl/></w:rPr>{found['text']}"
