"""What waits for a curator, and what was decided."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, UTCDateTime
from kb.vocabulary import FindingState, IdentifierKind, JudgementState, LikenessKind, LikenessState


class Finding(Base):
    """Something in a record or its files that may identify a person, and what was decided."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_record_id_state", "record_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    kind: Mapped[IdentifierKind]
    field: Mapped[str]  # such as "sections.2.body", "title", or "file:docProps/core.xml"
    start: Mapped[int]  # of the field's text, in characters; 0 for a file
    end: Mapped[int]
    text: Mapped[str]  # what was found, word for word
    confidence: Mapped[float]  # in [0, 1]
    state: Mapped[FindingState]
    replacement: Mapped[str]
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Likeness(Base):
    """Two records that tell the same, and what a curator said of it; `record_id` is the newer."""

    __tablename__ = "likeness"
    __table_args__ = (
        UniqueConstraint("record_id", "other_id"),
        CheckConstraint("other_id < record_id", name="newer_first"),
        CheckConstraint("score between 0 and 1", name="score_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LikenessKind]
    score: Mapped[float]  # share of the text they have in common, in [0, 1]
    # Which of the two is the earlier version, by the marks in file names or by dates.
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    state: Mapped[LikenessState]
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())


class TextSignature(Base):
    """What is compared to find records that tell the same; derived, may be made again."""

    __tablename__ = "text_signature"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    record_version: Mapped[int]  # that was signed; text of an edited record is compared again
    text_sha256: Mapped[str] = mapped_column(index=True)  # of the words, without layout
    minhash: Mapped[bytes] = mapped_column(LargeBinary)
    modified: Mapped[date | None]  # as the file itself says


class Need(Base):
    """What was asked on one day and found nothing good: of nobody in particular, ever."""

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("day", "question", "language", "concepts"),
        CheckConstraint("times > 0", name="times_positive"),
        CheckConstraint("question <> '' or concepts <> ''", name="says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    question: Mapped[str]  # lower case, at most 200 characters; empty where it may name somebody
    language: Mapped[str]  # BCP 47, empty when there is too little to tell
    concepts: Mapped[str]  # notations in order of the alphabet, a space between two
    times: Mapped[int]


class Judgement(Base):
    """That a record answers a question: proposed by a reader, decided by a curator."""

    __tablename__ = "judgement"
    __table_args__ = (
        UniqueConstraint("folded", "record_id"),
        CheckConstraint("grade between 1 and 3", name="grade_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str]
    folded: Mapped[str]  # the question without case: what tells two questions apart
    language: Mapped[str]  # of the question, BCP 47; empty when there is too little to tell
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    proposed: Mapped[date] = mapped_column(index=True)
    state: Mapped[JudgementState]
    grade: Mapped[int | None]  # 3 answers it, 2 is useful, 1 touches it
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())
