"""The tables: a record and its parts, concepts, original files, people, and what happened."""

from kb.models.collections import Collection, CollectionItem
from kb.models.concepts import Concept
from kb.models.desk import Finding, Judgement, Likeness, Need, TextSignature
from kb.models.happened import Batch, BatchItem, Event, RecordVersion, Review
from kb.models.people import User
from kb.models.records import (
    Attachment,
    ChangeIdea,
    Consent,
    Facet,
    IdeaConcept,
    Link,
    Measure,
    Part,
    Place,
    Point,
    Record,
    Reuse,
    Section,
    SourceFile,
    SupportActivity,
    SupportReceived,
    SupportRequest,
    Tag,
)

__all__ = [
    "Attachment",
    "Batch",
    "BatchItem",
    "ChangeIdea",
    "Collection",
    "CollectionItem",
    "Concept",
    "Consent",
    "Event",
    "Facet",
    "Finding",
    "IdeaConcept",
    "Judgement",
    "Likeness",
    "Link",
    "Measure",
    "Need",
    "Part",
    "Place",
    "Point",
    "Record",
    "RecordVersion",
    "Reuse",
    "Review",
    "Section",
    "SourceFile",
    "SupportActivity",
    "SupportReceived",
    "SupportRequest",
    "Tag",
    "TextSignature",
    "User",
]
