"""What a file holds beside its text, and nobody sees who only reads it."""

from typing import NamedTuple

from kb.vocabulary import IdentifierKind


class Hidden(NamedTuple):
    """One such thing: an author's name, a comment, a deleted sentence, a picture to look at."""

    kind: IdentifierKind
    where: str  # the part of the file, such as "docProps/core.xml" or "page 3, picture 1"
    text: str  # what stands there, or what it is


class Beside(NamedTuple):
    """Text of the file that is not part of the document's own: a header, a hidden sheet."""

    where: str
    text: str


class Found(NamedTuple):
    """What is hidden in a file, and what text stands beside its own."""

    hidden: tuple[Hidden, ...] = ()
    beside: tuple[Beside, ...] = ()
