"""Zip files that are the same bytes whenever they are written, and what they say of themselves."""

import io
from collections.abc import Mapping
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MADE = (2026, 1, 1)  # the day that every template bears
_RIGHTS = 0o644 << 16
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts as a zip file, in their order."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            about = ZipInfo(name, date_time=(*MADE, 0, 0, 0))
            about.compress_type, about.external_attr = ZIP_DEFLATED, _RIGHTS
            archive.writestr(about, data)
    return target.getvalue()


def core(*, title: str, language: str, keywords: str) -> bytes:
    """Return the core properties. Source: ECMA-376 part 2, 11."""
    year, month, day = MADE
    moment = f'xsi:type="dcterms:W3CDTF">{year}-{month:02}-{day:02}T00:00:00Z'
    return (
        f"{HEAD}<cp:coreProperties"
        ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><cp:keywords>{escape(keywords)}</cp:keywords>"
        f"<dc:language>{escape(language)}</dc:language>"
        f"<dcterms:created {moment}</dcterms:created>"
        f"<dcterms:modified {moment}</dcterms:modified></cp:coreProperties>"
    ).encode()
