"""The forms that a book is taken in: the end of its address, its media type, and who writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web.binding import epub, page, word
from web.binding.book import Book


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `/collections/7/package.{name}` sends it."""

    name: str
    label: str
    media_type: str
    write: Callable[[Book], bytes]


FORMS: Final = {
    one.name: one
    for one in (
        Form("pdf", "PDF", "application/pdf", page.paper),
        Form("docx", "Word", word.MEDIA_TYPE, word.word),
        Form("epub", "EPUB", epub.MEDIA_TYPE, epub.epub),
        Form("html", "HTML", "text/html; charset=utf-8", lambda book: page.html(book).encode()),
    )
}
