"""Propose a record for a document; a curator decides."""

from dataclasses import dataclass
from pathlib import PurePath

from ingest import structure
from ingest.document import Document
from ingest.language import language_of
from kb import content
from kb.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be; what is not sure stands in `record.doubts`, for the curator."""

    record: content.Record


def propose(document: Document) -> Draft:
    """Return a draft of what `document` tells; nothing is filled without a word that says it."""
    found = structure.read(document.markdown, title=document.title)
    language = language_of(document.markdown, declared=document.metadata.language)
    doubts = list(document.doubts)
    if not language:
        doubts.append("The language could not be told.")
    return Draft(
        content.Record(
            title=found.title or PurePath(document.name).stem,
            summary=structure.summary_of(found.sections),
            language=language or "en",
            sections=found.sections,
            source_kind=SourceKind.IMPORTED,
            doubts=tuple(doubts),
        )
    )
