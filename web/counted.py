"""What is counted, as readers call it: nothing of what was taken back."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from kb import collections
from kb.models import Usage
from kb.vocabulary import Counted
from web.catalogue import public_records
from web.counter_reports import About, Item

AT_ONCE = 100  # records in memory


def about(session: Session, rows: Iterable[Usage], *, home: str) -> dict[Item, About]:
    """Return title, DOI and address of what these numbers are of, as far as readers see it."""
    numbers: dict[Counted, set[int]] = {thing: set() for thing in Counted}
    for row in rows:
        numbers[row.thing].add(row.number)
    found: dict[Item, About] = {}
    stories: Sequence[int] = sorted(numbers[Counted.RECORD])
    for start in range(0, len(stories), AT_ONCE):
        for number, one in public_records(session, stories[start : start + AT_ONCE]).items():
            uri = f"{home}/records/{number}"
            found[Counted.RECORD, number] = About(one.said.title, one.said.doi, uri)
    for shelf in collections.published(session, sorted(numbers[Counted.COLLECTION])):
        number = shelf.collection_id
        uri = f"{home}/collections/{number}"
        found[Counted.COLLECTION, number] = About(shelf.content.title, "", uri)
    return found
