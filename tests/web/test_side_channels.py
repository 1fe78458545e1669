"""What no reader may see changes no answer: not a word, not a place, not a number of it."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from kb import collections, records
from kb.content import ChangeIdea, Place, Section, Tag
from kb.models import Likeness, Link, Reuse
from kb.vocabulary import (
    Decision,
    FacilityType,
    Level,
    LikenessKind,
    LikenessState,
    LinkKind,
    Naming,
    ReportState,
    SectionRole,
    TagStatus,
    Verdict,
    Visibility,
)
from web.app import PARTS
from web.metadata.formats import BY_NAME

WORD = "zanthoxylum"  # only hidden records say it
NEAR_PUBLIC = "thermometra"  # they say this too, one letter from what a public record says
TAG = "kangaroo-mother-care"
QUESTIONS = (
    "",
    WORD,
    "zanthoxylun",
    "zantho",
    f'"{WORD} hour"',
    f"feeding -{WORD}",
    f"-{WORD}",
    NEAR_PUBLIC,
    "feeding after birth",
    "diesel",
    "thermometer",
    "kangaroo mother care",
    "Lesotho Qacha Thabana",
    "Lesotho",
)
FILTERS = (
    "country=LSO",
    f"topic={TAG}",
    "level=national",
    "language=sw",
    "year=2011",
    "every=true",
)
# How rare a word is, is counted over all passages (docs/search.md): scores move a little with it.
LEFT_OUT = re.compile(
    r'"(?:score|meaning|words|concepts|version)":-?[0-9.e-]+|<responseDate>[^<]+</responseDate>'
    # Numbers of what was taken back, for those who had it.
    r'|(?:<record>)?<header status="deleted">.*?</header>(?:</record>)?'
)
HARVESTED = (
    "Identify",
    "ListSets",
    "ListRecords&metadataPrefix=oai_dc",
    "ListIdentifiers&metadataPrefix=oai_datacite",
    "ListIdentifiers&metadataPrefix=oai_dc&set=country:LS",
)

PLACE = Place(
    country="LSO",
    admin1="Qacha",
    admin2="Sehlabathebe",
    facility="Thabana Clinic",
    facility_type=FacilityType.HEALTH_POST,
)
HIDDEN = {
    "title": f"The {WORD} hour and the {NEAR_PUBLIC}",
    "summary": f"Feeding after birth with {WORD} and kangaroo mother care at Thabana.",
    "sections": (
        Section(role=SectionRole.RESULTS, body=f"Feeding after birth rose with {WORD} to 97 %."),
        Section(role=SectionRole.DID_NOT_WORK, body=f"The {NEAR_PUBLIC} broke: diesel ran out."),
    ),
    "change_ideas": (
        ChangeIdea(
            text=f"Feed with {WORD}",
            interventions=("process-redesign",),
            decision=Decision.ABANDONED,
            verdict=Verdict.HARMED,
        ),
    ),
    "language": "sw",
    "level": Level.NATIONAL,
    "verdict": Verdict.HARMED,
    "places": (PLACE,),
    "naming": Naming.NAMED,
    "licence": "CC-BY-ND-3.0",
    "tags": (Tag(notation=TAG, status=TagStatus.CONFIRMED),),
}


@pytest.fixture
def public(shelf, engine) -> list[int]:
    """Records that all may read, the first of them from a clinic that has hidden ones too.

    Two of them stand in a collection.
    """
    told = (
        ("Feeding within the hour", "Feeding after birth comes before the scale.", (PLACE,)),
        ("A thermometer for each cot", "Feeding after birth is warm; diesel for the night.", ()),
        ("Mothers of the night", "Diesel keeps the light on.", (Place(country="TZA"),)),
    )
    made = [
        shelf(title=title, summary=summary, places=places, naming=Naming.NAMED)
        for title, summary, places in told
    ]
    with Session(engine) as session:
        begun = collections.create(session, "For the night", purpose="Light.", by="test").id
        for record_id in made[1:]:
            collections.add(session, begun, record_id, note="Read it.")
        collections.publish(session, begun, by="test")
        session.commit()
    return made


@pytest.fixture
def answers(client, public) -> Callable[[], dict[str, str]]:
    """What each address answers now."""

    def ask() -> dict[str, str]:
        found = {}
        for address in addresses(public[0]):
            answer = client.get(address)
            assert answer.status_code < 500, address
            found[address] = LEFT_OUT.sub("", answer.text)
        return found

    return ask


def addresses(record_id: int) -> list[str]:
    """Return every address a GET can ask for, and those that answer questions with each."""
    filled = {
        "record_id": record_id,
        "notation": TAG,
        "code": "LSO",
        "name": "facility-en.docx",
        "size": 192,
        "kind": "health-post",
        "collection_id": 1,
        "number": 1,
        "form": "jsonld",
        "part": 1,
        "job_id": 1,
        "letter_id": 1,
    }
    paths = {route.path.format(**filled) for part in PARTS for route in part.router.routes}
    paths -= {"/readyz", "/templates/facility-en.docx"}  # free disk; a file that is made anew
    paths -= {"/queue"}  # how many stories wait, and how long: everybody may know that
    paths -= {"/purge.json"}  # numbers of what was taken back, for those who had it
    paths -= {"/oai"}  # says the moment; `HARVESTED` without it
    asking = ("/search", "/answer", "/explore", "/suggest", "/api/v1/search", "/api/v1/answer")
    queries = [f"q={question}" for question in QUESTIONS]
    queries += [f"q=feeding&{one}" for one in FILTERS] + [*FILTERS]
    return [
        *sorted(paths - {"/records"}),
        *(f"{path}?{query}" for path in (*asking, "/api/v1/suggest") for query in queries),
        *(f"/records/{record_id}/similar?like={like}" for like in ("", "mine")),
        "/records?ids=1,2,3,4,5,6,7,8,9",
        "/print?ids=1,2,3,4,5,6,7,8,9",
        "/compare?ids=1,2,3",
        f"/records/{record_id}/spread",
        *(f"/records/{record_id}/cite.{form}" for form in BY_NAME),
        *(f"/oai?verb={harvest}" for harvest in HARVESTED),
    ]


def _tried(session: Session, hidden: int, original: int) -> None:
    """Let a hidden record say that it took its idea from a public one; report what is not shown."""
    link = LinkKind.REPLICATED_FROM
    session.add(Link(record_id=hidden, other_id=original, kind=link))
    session.add(Link(record_id=original, other_id=hidden, kind=link))
    said = {"by": WORD, "where": WORD, "adapted_how": WORD, "numbers": WORD}
    for record_id, state in (
        (original, ReportState.HELD),
        (original, ReportState.HIDDEN),
        (hidden, ReportState.NEW),
    ):
        session.add(Reuse(record_id=record_id, verdict=Verdict.WORKED, state=state, **said))


def test_hidden_records_change_no_answer(answers, public, shelf, engine) -> None:
    before = answers()
    hidden = [shelf(publish=publish, **HIDDEN) for publish in (False, False, True, True)]
    with Session(engine) as session:
        _, retired, inside, withdrawn = hidden
        records.get(session, inside).visibility = Visibility.TEAM
        records.withdraw(session, withdrawn, by="test", reason="asked for")
        records.retire(session, retired, by="test", reason="old")
        draft = collections.create(session, f"The {WORD} list", purpose=WORD, by="test").id
        for record_id in (*public, *hidden):
            collections.add(session, draft, record_id, note=WORD)
        for record_id in hidden:
            collections.add(session, 1, record_id, note=WORD)
        collections.order(session, 1, hidden)
        for newer in hidden:
            _tried(session, newer, public[0])
            for older in public:
                session.add(
                    Likeness(
                        record_id=newer,
                        other_id=older,
                        kind=LikenessKind.NEAR_TEXT,
                        score=0.9,
                        state=LikenessState.OPEN,
                        decided_by="",
                    )
                )
        session.commit()
    assert changed(before, answers()) == {}


@pytest.mark.parametrize(
    ("naming", "shown"),
    [
        (Naming.ANONYMOUS, Place()),
        (Naming.TYPE_AND_COUNTRY, PLACE.model_copy(update={"admin1": "", "admin2": ""})),
        (Naming.TYPE_AND_DISTRICT, PLACE),
    ],
)
def test_what_a_naming_hides_changes_no_answer(answers, shelf, engine, naming, shown) -> None:
    said = {"title": "Feeding and diesel", "summary": "Feeding after birth.", "naming": naming}
    record_id = shelf(**said, places=(shown.model_copy(update={"facility": ""}),))
    before = answers()
    with Session(engine) as session:
        place = records.get(session, record_id).places[0]
        for name in Place.model_fields:
            setattr(place, name, getattr(PLACE, name))
        records.get(session, record_id).version += 1
        session.commit()
    assert changed(before, answers()) == {}


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return where answers differ, each from there on."""
    return {
        address: _from_difference(text, after[address])
        for address, text in before.items()
        if text != after[address]
    }


def _from_difference(one: str, other: str) -> tuple[str, str]:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return one[max(0, at - 80) : at + 80], other[max(0, at - 80) : at + 80]
