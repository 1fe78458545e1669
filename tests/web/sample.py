"""A small library with one of everything that a page can show, for tests that look at pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from kb import (
    batches,
    collections,
    findings,
    judgements,
    needs,
    newsletters,
    parts,
    records,
    schema,
    taxonomy,
    usage,
)
from kb.content import (
    Aim,
    ChangeIdea,
    Cost,
    Evidence,
    Measure,
    Place,
    Point,
    Record,
    Section,
    Tag,
)
from kb.db import connect, utcnow
from kb.editions import Choice
from kb.editions import Place as Stands
from kb.hidden import Hidden
from kb.models import Likeness
from kb.settings import Settings
from kb.usage import Key, Sum
from kb.vocabulary import (
    Audience,
    BatchKind,
    Became,
    Clearance,
    CollectionKind,
    Counted,
    DataSource,
    Decision,
    Direction,
    FacilityType,
    Ground,
    IdentifierKind,
    LikenessKind,
    LikenessState,
    MeasureType,
    Naming,
    PartKind,
    ResourceNeed,
    SectionRole,
    SourceKind,
    TagStatus,
    Use,
    Verdict,
)
from search.refreshing import refresh
from search.store import ensure_fts
from tests.databases import empty_database, server
from tests.web.bag_of_words import BagOfWords
from web.library import Library

BREASTFEEDING = "early-initiation-of-breastfeeding"
FED = (10, 11, 9, 10, 12, 18, 22, 24, None, 25, 26, 24, 25)
NAMED = "Mrs Amina Juma came on Monday. Her number is 0712 345 678, her village Kijiji."
TABLE = "Weigh it later.\n\n| Month | Fed |\n|--|--|\n| May | 2 |"


def weeks(counts: tuple[int | None, ...], **changes) -> Measure:
    """Return a measure that was followed week by week, out of thirty births each."""
    measure = Measure(
        name="Newborns fed within one hour",
        type=MeasureType.PROCESS,
        direction=Direction.UP,
        source=DataSource.REGISTER,
        numerator_text="Babies put to the breast",
        denominator_text="Live births",
        points=tuple(
            Point(period=date(2024, 1, 1) + timedelta(weeks=week), numerator=n, denominator=30)
            for week, n in enumerate(counts)
        ),
    )
    return measure.model_copy(update=changes)


SCALE = Record(
    title="Skin to skin before the scale",
    summary="Babies stay on the chest for an hour; weighing waits.",
    sections=(
        Section(role=SectionRole.PROBLEM, heading="Problem", body="Only 34 % fed in time."),
        Section(role=SectionRole.CHANGES, heading="What we did", body=TABLE),
        Section(role=SectionRole.COST, body="Two shelves and a curtain."),
        Section(role=SectionRole.DID_NOT_WORK, body="A poster over the scale."),
        Section(role=SectionRole.LOGISTICS, body="The night midwife keeps the list."),
    ),
    aim=Aim(text="80 % fed within an hour by June", target="80 %", by_when="June 2024"),
    change_ideas=(
        ChangeIdea(
            text="Weigh the baby after the first feed",
            interventions=("process-redesign",),
            steps="The scale moves to the postnatal room.",
            who_did_it="The midwife on duty",
            started=date(2024, 1, 29),
            decision=Decision.ADOPTED,
            verdict=Verdict.WORKED,
            resource_need=ResourceNeed.LOW,
        ),
        ChangeIdea(
            text="Hang a poster over the scale",
            started=date(2024, 2, 5),
            decision=Decision.ABANDONED,
            verdict=Verdict.DID_NOT_WORK,
            evidence_note="Nobody read it.",
        ),
        ChangeIdea(
            text="A relative stays as companion",
            decision=Decision.ADAPTED,
            verdict=Verdict.PARTLY,
            evidence_note="By day only.",
        ),
    ),
    measures=(weeks(FED), weeks(FED, name="Small babies kept warm")),
    places=(Place(country="TZA", admin2="Rungwe", facility_type=FacilityType.HEALTH_CENTRE),),
    tags=(
        Tag(notation=BREASTFEEDING, status=TagStatus.CONFIRMED),
        Tag(notation="skin-to-skin-contact", status=TagStatus.CONFIRMED),
    ),
    start_date=date(2024, 1, 1),
    end_date=date(2024, 3, 31),
    cost=Cost(text="About 20 dollars", amount=20, currency="USD"),
    verdict=Verdict.WORKED,
    team_roles=("midwife", "nurse"),
    team_size=4,
    authors=("The maternity team",),
    credit_wanted=True,
    licence="CC-BY-4.0",
)
POSTER = Record(
    title="A poster nobody read",
    summary="We hung a poster about the scale. It changed nothing.",
    sections=(Section(role=SectionRole.RESULTS, body="Nothing changed in six months."),),
    verdict=Verdict.DID_NOT_WORK,
    places=(Place(country="KEN", facility_type=FacilityType.FIRST_REFERRAL_HOSPITAL),),
    tags=(Tag(notation=BREASTFEEDING, status=TagStatus.CONFIRMED),),
    start_date=date(2023, 5, 1),
)
FRENCH = Record(
    title="Le sein dans l’heure, la balance attendra",
    summary="La pesée attend la première tétée.",
    language="fr",
    sections=(Section(role=SectionRole.CHANGES, body="La balance reste au fond de la salle."),),
    measures=(weeks((9, 12, 20), name="Nouveau-nés au sein dans l’heure"),),
    verdict=Verdict.PARTLY,
    places=(Place(country="BFA", facility_type=FacilityType.HEALTH_CENTRE),),
    tags=(Tag(notation=BREASTFEEDING, status=TagStatus.CONFIRMED),),
    start_date=date(2022, 9, 1),
)
ARABIC = Record(
    title="الجلد على الجلد قبل الميزان",
    summary="يبقى المولود على صدر أمه ساعة كاملة قبل الوزن.",
    language="ar",
    sections=(Section(role=SectionRole.PROBLEM, body="ثلث المواليد فقط رضعوا في الساعة الأولى."),),
    verdict=Verdict.WORKED_THEN_LOST,
    places=(Place(country="EGY", facility_type=FacilityType.REGIONAL_HOSPITAL),),
    naming=Naming.TYPE_AND_COUNTRY,
    tags=(Tag(notation=BREASTFEEDING, status=TagStatus.CONFIRMED),),
    start_date=date(2025, 2, 1),
)
WITHDRAWN = Record(
    title="Taken back",
    summary="Its team asked for it.",
    sections=(Section(body="No more."),),
    tags=(Tag(notation=BREASTFEEDING, status=TagStatus.CONFIRMED),),
)
PUBLISHED = (SCALE, POSTER, FRENCH, ARABIC, WITHDRAWN)  # records 1 to 5; the last is taken back

DRAFT = SCALE.model_copy(
    update={
        "source_kind": SourceKind.IMPORTED,
        "summary": NAMED,
        "measures": (weeks(FED),),
        "doubts": ("Which year is it?",),
        "sections": (Section(heading="Where", body=TABLE),),
        "evidence": (Evidence(field="problem", section=0, quote="Weigh it later."),),
        "tags": (
            Tag(notation="breastfeeding", confidence=0.9, evidence="Weigh it later."),
            Tag(notation="skin-to-skin-contact", confidence=0.6),
            Tag(notation="process-redesign", confidence=0.3),
        ),
    }
)
DRAFTS = (
    DRAFT,
    SCALE.model_copy(update={"source_kind": SourceKind.IMPORTED}),
)  # records 6 and 7, made by batch 1, like each other (pair 1)


@contextmanager
def sample_library(folder: Path, terms: taxonomy.Taxonomy) -> Iterator[Library]:
    """Yield the library, with its index, in a database of its own below `folder`."""
    with empty_database(folder, server()) as url:
        engine = connect(url)
        schema.upgrade(engine)
        library = Library(
            Settings(data=folder, database=url, name="Test shelf", api_guests=""), engine, terms
        )
        library.__dict__["encoder"] = BagOfWords()  # in place of the cached one
        with library.writing() as session:
            ensure_fts(session.connection())
            taxonomy.mirror(session, terms)
            for fill in FILLED:
                fill(session)
            session.commit()
            while refresh(session, library.encoder, limit=50):
                session.commit()
            session.commit()
        yield library
        engine.dispose()


def _publish(session: Session) -> None:
    for said in PUBLISHED:
        record = records.create(session, said, by="test")
        records.publish(session, record.id, by="test", ground=Ground.ILLUSTRATION)
    records.withdraw(session, len(PUBLISHED), by="test", reason="asked for")


def _draft(session: Session) -> None:
    batch = batches.begin(session, BatchKind.INGEST, ["/shelf"], by="ingest")
    made = []
    for position, said in enumerate(DRAFTS):
        record = records.create(session, said, by="ingest")
        made.append(record.id)
        batches.note(
            session,
            batch.id,
            name=f"/shelf/{position}.docx",
            position=position,
            became=Became.ADDED,
            record=record,
        )
    batches.finish(session, batch.id)
    hidden = [Hidden(IdentifierKind.FACE, "word/media/image1.png", "picture 1")]
    findings.scan(session, made[0], hidden=hidden)
    session.add(
        Likeness(
            record_id=made[1],
            other_id=made[0],
            kind=LikenessKind.NEAR_TEXT,
            score=0.8,
            state=LikenessState.OPEN,
            decided_by="",
        )
    )


def _ask(session: Session) -> None:
    today = utcnow().date()
    judgements.propose(session, "why weigh later", 1, language="en", today=today)
    kept = needs.kept_of(
        "kmc for twins", concepts=("kangaroo-mother-care",), language="en", day=today
    )
    assert kept is not None
    needs.note(session, {kept: 3})


def _collect(session: Session) -> None:
    """Publish collection 1, take collection 2 back, and publish package 3 in two editions."""
    for title in ("The first hour", "Out of date"):
        begun = collections.create(session, title, purpose="For a **new** team.", by="test").id
        collections.add(session, begun, 1, note="Start here.")
        collections.add(session, begun, 3, note="The same in French.")
        collections.publish(session, begun, by="test")
    collections.withdraw(session, begun, by="test", reason="old")
    _package(session)


def _package(session: Session) -> None:
    """Publish a brief with every kind of part, then again after what it says has changed."""
    kind = CollectionKind.SYNTHESIS_BRIEF
    begun = collections.create(
        session, "Why wait?", purpose="For a coach.", kind=kind, by="test"
    ).id
    collections.describe(
        session, begun, audience=[Audience.COACHES_MENTORS], licence="CC-BY-4.0", least_places=0
    )
    for record_id in (1, 2, 3, 4):
        collections.add(session, begun, record_id, note="It says **why**.")
    for part in list(collections.get(session, begun).parts):
        if part.kind is PartKind.QUESTION:
            parts.write(session, begun, part.id, text="What makes a scale wait?")
        elif part.record_id == 4:
            parts.clear(session, begun, part.id, Clearance.LINKED)
        elif part.record_id in {2, 3}:
            parts.clear(session, begun, part.id, Clearance.PERMITTED, note="Asked in May.")
    collections.publish(session, begun, by="test")
    words = parts.say(session, begun, heading="Begin here", text="Count for two weeks.")
    parts.move(session, begun, words.id, by=-99)
    left = Choice(
        record_id=1, text="Hang a poster over the scale", place=Stands.LEFT_OUT, why="No."
    )
    parts.choose(session, begun, left)
    record = records.get(session, 1)
    said = records.read(record)
    lost = said.change_ideas[0].model_copy(update={"verdict": Verdict.WORKED_THEN_LOST})
    said = said.model_copy(update={"change_ideas": (lost, *said.change_ideas[1:])})
    records.edit(session, 1, said, version=record.version, by="test")
    collections.publish(session, begun, by="test", note="The scale came back.")


def _write_letters(session: Session) -> None:
    for _ in range(2):
        words = "Two stories to read in a *night*.\n\nThe second is in French."
        letter = newsletters.write(
            session,
            None,
            title="New for you",
            words=words,
            language="en",
            record_ids=[1, 3],
            by="t",
        )
        if letter.id == 1:
            newsletters.send(session, letter.id, utcnow())
    used = Key(utcnow().date(), Counted.RECORD, 1, Use.INVESTIGATION)
    usage.note(session, {used: Sum(7, 4), used._replace(way=Use.REQUEST): Sum(2, 2)})


# What others add to the sample, in this order: each gets a session and commits nothing.
FILLED: tuple[Callable[[Session], None], ...] = (
    _publish,
    _draft,
    _ask,
    _collect,
    _write_letters,
)
