"""What a library keeps of an ingest, in a form that does not depend on who did what when."""

from collections import Counter

from sqlalchemy import select

from kb import originals, records
from kb.models import Attachment, Batch, BatchItem, Finding, Likeness, Record, WaitingFile
from web.library import Library


def kept_in(library: Library) -> dict[str, object]:
    """Return all that was kept, by the bytes of the originals: without numbers and order."""
    folder = library.settings.originals
    with library.reading() as session:
        of = {
            row.record_id: row.sha256
            for row in session.scalars(select(Attachment).filter_by(original=True))
        }
        items = session.scalars(select(BatchItem)).all()
        return {
            "records": {of[one.id]: records.read(one) for one in session.scalars(select(Record))},
            "findings": Counter(
                (of[one.record_id], one.kind, one.field, one.start, one.text, one.state)
                for one in session.scalars(select(Finding))
            ),
            "alike": {
                (frozenset((of[one.record_id], of[one.other_id])), one.kind, round(one.score, 9))
                for one in session.scalars(select(Likeness))
            },
            "names": {(one.name, one.sha256, one.code) for one in items},
            "became": Counter(one.became for one in items),
            "originals": {path.name for path in folder.rglob("*") if path.is_file()},
            "whole": all(originals.sha256_of(originals.where(folder, s)) == s for s in of.values()),
            "waiting": session.scalars(select(WaitingFile)).all(),
            "finished": [one.finished is not None for one in session.scalars(select(Batch))],
        }
