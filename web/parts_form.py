"""The one form of a collection's parts: what stands in each, and where somebody wrote."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from kb import parts
from kb.models import CollectionPart
from web.forms import Form

DIGITS = 9  # of a number of a part or a version; what has more is none


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the fields of one part, and what they were opened with."""

    part_id: int
    opened: str  # as `opened_with` says it
    heading: str
    text: str

    @property
    def version(self) -> int:
        """The version of the part that was opened; 0 where it does not say."""
        return _whole(self.opened.partition(".")[0])

    @property
    def changed(self) -> bool:
        """Tell whether somebody wrote in it."""
        return self.opened.partition(".")[2] != _mark(self.heading, self.text)


def opened_with(part: CollectionPart) -> str:
    """Return the version of a part and a mark of its words, to travel in its form."""
    return f"{part.version}.{_mark(part.heading, part.text)}"


def written(form: Form) -> list[Written]:
    """Return what stands in the parts of the form, in their order."""
    names = ("part", "opened", "heading", "text")
    columns = (form.fields.get(name, []) for name in names)
    return [
        Written(_whole(part), opened, heading.strip(), text.strip())
        for part, opened, heading, text in zip(*columns, strict=False)
    ]


def keep(session: Session, collection_id: int, one: Written) -> None:
    """Keep what was written in a part.

    What nobody wrote in is left alone: whoever changed it meanwhile is not stood in the way of.

    Raises:
        NotFoundError: the collection has no such part.
        ConflictError: somebody else changed it since it was opened.
    """
    if one.changed:
        parts.write(
            session,
            collection_id,
            one.part_id,
            heading=one.heading,
            text=one.text,
            version=one.version,
        )


def _mark(heading: str, text: str) -> str:
    # A browser sends each line with \r\n, whatever it was given.
    said = "\n".join((heading.strip(), *text.strip().splitlines()))
    return sha256(said.encode()).hexdigest()[:16]


def _whole(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS else 0
