"""Propose a record for a document; a curator decides."""

from dataclasses import dataclass

from kb import content


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be; what is not sure stands in `record.doubts`, for the curator."""

    record: content.Record
