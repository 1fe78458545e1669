"""A library of sixty illustrative stories: ingested, decided on like a curator, published.

What a careful curator would record about each file stands in `truth.yaml` beside the samples;
the demo records it in the curator's name, so the tags that ingest suggested are confirmed or
rejected and stay to be seen with their sentences. The numbers come out of the files themselves.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, TypeAlias

import yaml
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from kb import collections, content, findings, parts, records
from kb.db import utcnow
from kb.editions import Choice
from kb.errors import InvalidError, NotReadyError
from kb.models import Attachment, Collection, Record
from kb.originals import sha256_of
from kb.settings import Settings
from kb.vocabulary import (
    Audience,
    CollectionKind,
    FindingState,
    Naming,
    PartKind,
    SourceKind,
    Status,
    TagSource,
    TagStatus,
)
from search.encoder import Encoder
from search.store import PassageRow
from web import filling
from web.filling import Step
from web.library import Library, open_library

DEMO = Path("var/demo")
CURATOR = "demo curator"
SAME_IDEA = 0.5  # share of a curator's words from which ingest's idea is taken for the same
LICENCE = "Apache-2.0"  # of the samples, which are part of Maktaba
Truth: TypeAlias = Mapping[str, Any]
# Readers come first: where there are two cores, encoding would take both.
ENCODE: Final = "import os; os.nice(10); from web.cli import run; run()"


@dataclass(frozen=True, slots=True)
class Filled:
    """What the demo did: files read, records published, records a curator would not publish."""

    report: filling.Report
    published: int
    kept_back: tuple[tuple[str, str], ...]  # name of the file, why


def open_demo(settings: Settings, *, asked_for: Path | None = None) -> Library:
    """Open the demo's library: var/demo, or the folder that was asked for on the command line.

    What the environment says of a library (KB_DATA, KB_DATABASE) is somebody's real one. Scans are
    not read, so that the demo is the same whether tesseract is installed or not.

    Raises:
        InvalidError: the library holds records that are no samples.
    """
    own = {
        "data": asked_for or DEMO,
        "database": "",
        "database_read": "",
        "share_originals": True,
        "ocr": False,
    }
    library = open_library(settings.model_copy(update=own))
    with library.reading() as session:
        others = session.scalar(
            select(func.count(Record.id.distinct()))
            .outerjoin(Attachment, Attachment.record_id == Record.id)
            .where(or_(Attachment.sha256.is_(None), Attachment.sha256.not_in(_sample_names())))
        )
    if others:
        raise InvalidError(
            f"The library in {library.settings.data} holds {others} records that are no samples.",
            hint="Choose an empty folder: kb --data FOLDER demo.",
        )
    return library


def samples() -> Path:
    """Return the folder with the sample files, `truth.yaml` and `collections.yaml`.

    Raises:
        NotReadyError: this installation came without them.
    """
    here = Path(__file__).parent
    for folder in (here.parent / "examples", here / "samples"):
        if (folder / "truth.yaml").is_file():
            return folder
    raise NotReadyError(
        "This installation has no sample stories.", hint="Install Maktaba again, from its wheel."
    )


def curate(library: Library, *, step: Step) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Decide on every draft of a sample; return how many were published, and what was kept back."""
    truths: Mapping[str, Truth] = yaml.load(
        (samples() / "truth.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    names = _sample_names()
    with library.reading() as session:
        waiting = session.execute(_undecided().where(Attachment.sha256.in_(names))).all()
    kept_back = []
    for done, row in enumerate(waiting, start=1):
        name = names[row.sha256]
        reason = _decide_on(library, row.id, truths[name])
        if reason:
            kept_back.append((name, reason))
        step(done, len(waiting), "")
    return len(waiting) - len(kept_back), tuple(kept_back)


def _sample_names() -> dict[str, str]:
    """Return the names of the sample files by the sha256 of their bytes."""
    return {sha256_of(path): path.name for path in sorted((samples() / "library").iterdir())}


def _undecided() -> Select[int, str]:
    return (
        select(Record.id, Attachment.sha256)
        .join(Attachment, Attachment.record_id == Record.id)
        .where(Record.status == Status.DRAFT, Record.version == 1, Attachment.original)
        .order_by(Record.id)
    )


def _decide_on(library: Library, record_id: int, truth: Truth) -> str:
    """Record the curator's decisions and publish, or return why not."""
    with library.writing() as session:
        record = records.get(session, record_id)
        decided = decide(records.read(record), truth)
        records.edit(session, record_id, decided, version=1, by=CURATOR, note="curated")
        _keep_false_alarms(session, record, truth)
        reason = _reason_to_keep_back(record, truth)
        if not reason:
            records.publish(session, record_id, by=CURATOR)
        session.commit()
    return reason


def _keep_false_alarms(session: Session, record: Record, truth: Truth) -> None:
    """Decide what was found and is no identifier; what is one stays open, for a person."""
    said: Sequence[str] = truth["identifiers"]
    alarms = [
        finding.id
        for finding in findings.of(session, record.id)
        if finding.state is FindingState.OPEN
        and not any(name in finding.text or finding.text in name for name in said)
    ]
    if alarms:
        findings.decide(
            session, record.id, alarms, FindingState.KEPT, version=record.version, by=CURATOR
        )


def _reason_to_keep_back(record: Record, truth: Truth) -> str:
    if truth["identifiers"]:
        return "it names patients"
    if truth["near_duplicate_of"]:
        return "a later copy of another story"
    missing = records.missing_to_publish(record)
    return f"still missing {'; '.join(missing)}" if missing else ""


def decide(said: content.Record, truth: Truth) -> content.Record:
    """Return the draft with the curator's decisions in it."""
    place = content.Place(
        country=truth["country"] or "",
        admin1=truth["admin1"] or "",
        admin2=truth["admin2"] or "",
        facility=truth["facility"] or "",
        facility_type=truth["facility_type"],
    )
    decided = {
        "title": truth["title"],
        "language": truth["language"],
        "record_type": truth["record_type"],
        "level": truth["level"],
        "verdict": truth["verdict"],
        "places": (place,),
        "start_date": _month(truth["start"]),
        "end_date": _month(truth["end"]),
        "change_ideas": tuple(_idea(idea, said) for idea in truth["change_ideas"]),
        "measures": tuple(_measure(measure, truth["measures"]) for measure in said.measures),
        "tags": _tags(said, (*truth["topics"], *truth["interventions"])),
        "naming": Naming.NAMED,  # facilities are invented, and named in the text anyway
        "source_kind": SourceKind.IMPORTED,
        "licence": LICENCE,
    }
    return content.Record.model_validate({**dict(said), **decided})


def fill(library: Library, *, step: Step, words_only: bool = False) -> Filled:
    """Ingest, publish, put together and index the samples; what is there is left alone.

    With `words_only` the vectors are left to `encoding_meanwhile`: they take most of the time.
    """
    report = filling.ingest(library, [samples() / "library"], step=step)
    published, kept_back = curate(library, step=step)
    collect(library)
    by_words = library.settings.model_copy(update={"semantic": False})
    indexed = replace(library, settings=by_words) if words_only else library
    filling.index(indexed, step=step, all_asked=True)
    return Filled(report, published, kept_back)


@contextmanager
def encoding_meanwhile(library: Library, *, told: Callable[[str], None]) -> Iterator[None]:
    """Have another process make the vectors that are missing, while this one answers.

    By words all stories are found at once. `told` hears how the encoding ended, unless it was
    ended with this process.
    """
    if library.encoder is None or not _lacks_vectors(library, library.encoder):
        yield
        return
    own = {"KB_DATABASE": "", "KB_DATABASE_READ": ""}  # as `open_demo` has it
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own code
        [sys.executable, "-c", ENCODE, "--data", str(library.settings.data), "index"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | own,
        start_new_session=True,  # Ctrl-C is for this process, which ends that one
    )
    closing = Event()

    def wait() -> None:
        said = process.communicate()[1].decode(errors="replace").strip()
        if closing.is_set():
            return
        if process.returncode:
            told(f"The stories are found by words only: they could not be encoded. {said}")
        else:
            told("Now the stories are found by what is meant, too.")

    told("The stories are found by words for now, by what is meant in a minute or two.")
    waiting = Thread(target=wait, name="encoding", daemon=True)
    waiting.start()
    try:
        yield
    finally:
        closing.set()
        process.terminate()
        waiting.join()


def _lacks_vectors(library: Library, encoder: Encoder) -> bool:
    """Return whether a passage has no vector of this encoder."""
    without = PassageRow.encoder != encoder.digest
    with library.reading() as session:
        return bool(session.scalar(select(select(PassageRow.id).where(without).exists())))


def collect(library: Library) -> int:
    """Publish the sample collections, in a library that has none; return how many there are."""
    told: Sequence[Truth] = yaml.load(
        (samples() / "collections.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    names = _sample_names()
    with library.writing() as session:
        if kept := collections.listed(session):
            return len(kept)
        rows = session.execute(
            select(Attachment.sha256, Attachment.record_id).where(Attachment.original)
        )
        by_name = {names[sha256]: record_id for sha256, record_id in rows}
        for one in reversed(told):  # the newest comes first
            begun = _begin(session, one, by_name)
            licence = library.site.licence
            collections.publish(session, begun.id, by=CURATOR, own_licence=licence)
        session.commit()
    return len(told)


def _begin(session: Session, one: Truth, by_name: Mapping[str, int]) -> Collection:
    """Put one sample collection together; `by_name` has the records by the names of their files."""
    begun = collections.create(
        session,
        one["title"],
        purpose=one["purpose"],
        language=one["language"],
        kind=CollectionKind(one.get("kind", CollectionKind.READING_LIST)),
        by=CURATOR,
    )
    for part in list(begun.parts):  # the sample has its own outline
        parts.drop(session, begun.id, part.id)
    for part in one.get("parts", ()):
        _say(session, begun.id, part, by_name)
    for item in one.get("records", ()):
        collections.add(session, begun.id, by_name[item["file"]], note=item["note"])
    for idea in one.get("ideas", ()):
        said = {name: idea[name] for name in ("text", "place", "why") if name in idea}
        choice = Choice(record_id=by_name[idea["file"]], **said)
        parts.choose(session, begun.id, choice)
    return collections.describe(
        session,
        begun.id,
        audience=[Audience(value) for value in one.get("audience", ())],
        licence=one.get("licence", ""),
        least_places=one.get("least_places"),
    )


def _say(session: Session, collection_id: int, part: Truth, by_name: Mapping[str, int]) -> None:
    kind, text = PartKind(part["kind"]), part["text"]
    if kind is PartKind.RECORD:
        collections.add(session, collection_id, by_name[part["file"]], note=text)
    else:
        heading = part.get("heading", "")
        parts.say(session, collection_id, kind=kind, heading=heading, text=text)


def _idea(truth: Truth, said: content.Record) -> content.ChangeIdea:
    """Return the curator's idea, with the steps and the date that ingest found for it, if any."""
    idea = content.ChangeIdea.model_validate(dict(truth))
    wanted = _words(idea.text)
    found = max(said.change_ideas, key=lambda one: _shared(wanted, one), default=None)
    if found is None or _shared(wanted, found) < SAME_IDEA:
        return idea
    return idea.model_copy(update={"steps": found.steps, "started": found.started})


def _shared(wanted: set[str], idea: content.ChangeIdea) -> float:
    """Return the share of the words wanted that the idea has, in [0, 1]."""
    return len(wanted & _words(f"{idea.text} {idea.steps}")) / len(wanted)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold())) or {text}


def _measure(found: content.Measure, truths: Sequence[Truth]) -> content.Measure:
    """Return the series out of the file, under the curator's name and definition."""
    counted = [point for point in found.points if point.exact(found.unit) is not None]
    for truth in truths:
        if len(counted) == truth["points"] and _begins(counted[0], truth["first"]):
            named = {name: truth[name] for name in ("name", "type", "unit", "direction", "cadence")}
            return content.Measure.model_validate(
                {
                    **dict(found),
                    **named,
                    "numerator_text": truth["numerator"] or "",
                    "denominator_text": truth["denominator"] or "",
                    "source": truth["source"],
                }
            )
    return found


def _begins(point: content.Point, first: Truth) -> bool:
    if "value" in first:
        return bool(first["value"] in {point.value, point.numerator})
    return bool((point.numerator, point.denominator) == (first["numerator"], first["denominator"]))


def _tags(said: content.Record, chosen: Sequence[str]) -> tuple[content.Tag, ...]:
    now = utcnow()
    suggested = {tag.notation: tag for tag in said.tags}
    confirmed = {"status": TagStatus.CONFIRMED, "confirmed_by": CURATOR, "at": now}
    rejected = {**confirmed, "status": TagStatus.REJECTED}
    missed = [content.Tag(notation=n, source=TagSource.CURATOR) for n in chosen]
    tags = {tag.notation: tag for tag in missed} | suggested
    return tuple(
        tag.model_copy(update=confirmed if notation in chosen else rejected)
        for notation, tag in tags.items()
    )


def _month(text: str | None) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None
