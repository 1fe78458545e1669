"""Every route, asked by everybody, about a record in every state: nobody sees what is not theirs.

The routes come from the router, so that a new one is asked without anybody writing it here. Each
record has a word of its own; what a person may not read, its word stands in no answer they get.
"""

import re

import pytest
from sqlalchemy.orm import Session

from kb import records, users
from kb.content import Place, Section
from kb.db import utcnow
from kb.vocabulary import Naming, Role, SectionRole, Status, Visibility
from tests.web.test_rules import routes

HERE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe"}
THERE = {"country": "TZA", "admin1": "Songwe", "admin2": "Mbozi"}
AUTHOR = "author@people.example"
# Word of the record → status, visibility, whether it was sent in, what else it says.
RECORDS = {
    "zantold": (Status.DRAFT, Visibility.PUBLIC, False, ""),
    "zanteam": (Status.IN_REVIEW, Visibility.TEAM, True, ""),
    "zandist": (Status.IN_REVIEW, Visibility.DISTRICT, True, ""),
    "zancoun": (Status.IN_REVIEW, Visibility.COUNTRY, True, ""),
    "zanopen": (Status.IN_REVIEW, Visibility.COUNTRY, True, "Mrs Amina Juma, 0712 345 678."),
    "zanback": (Status.RETURNED, Visibility.DISTRICT, True, ""),
    "zanpubl": (Status.PUBLISHED, Visibility.PUBLIC, True, ""),
    "zannarr": (Status.PUBLISHED, Visibility.DISTRICT, True, ""),
    "zangone": (Status.WITHDRAWN, Visibility.PUBLIC, True, ""),
    "zanreti": (Status.RETIRED, Visibility.PUBLIC, True, ""),
}
EVERYBODYS = {"zanpubl"}
COUNTRYS = EVERYBODYS | {"zancoun"}
DISTRICTS = COUNTRYS | {"zandist", "zanback", "zannarr"}
# Who asks: role, place, and the words that they may meet.
PEOPLE = {
    "anonymous": (None, {}, EVERYBODYS),
    "reader": (Role.READER, {}, EVERYBODYS),
    "contributor elsewhere": (Role.CONTRIBUTOR, {**THERE, "facility": "Vwawa"}, COUNTRYS),
    "contributor nearby": (Role.CONTRIBUTOR, {**HERE, "facility": "Tukuyu"}, DISTRICTS),
    "coach elsewhere": (Role.COACH, THERE, COUNTRYS),
    "coach": (Role.COACH, HERE, DISTRICTS),
    "curator elsewhere": (Role.CURATOR, THERE, COUNTRYS),
    "publisher elsewhere": (Role.PUBLISHER, THERE, COUNTRYS),
    "admin elsewhere": (Role.ADMIN, THERE, COUNTRYS),
}
ASKED = ("zan", "zantold", "weigh", "scale+later")
NEVER = {"/sign-out", "/readyz"}


@pytest.fixture
def shelved(make_record, indexed, engine, account) -> dict[str, int]:
    """One record in each state, of one team; the number of each by its word."""
    account(Role.CONTRIBUTOR, email=AUTHOR, **HERE, facility="Ilulu Health Centre")
    made = {}
    for word, (status, visibility, sent, more) in RECORDS.items():
        made[word] = make_record(
            publish=status not in {Status.DRAFT, Status.IN_REVIEW, Status.RETURNED},
            title=f"Weigh {word} later",
            summary=f"The scale waits for {word}. {more}",
            sections=(Section(role=SectionRole.CHANGES, heading=word, body=f"Weigh {word}."),),
            places=(Place(**HERE, facility="Ilulu Health Centre"),),
            naming=Naming.TYPE_AND_DISTRICT,
        )
        with Session(engine) as session:
            record = records.get(session, made[word])
            author = users.find(session, AUTHOR)
            assert author is not None
            record.author_id = author.id
            record.submitted = utcnow() if sent else None
            record.status, record.visibility = status, visibility
            session.commit()
    indexed()
    return made


def addresses(app, made: dict[str, int]) -> list[str]:
    """Return every address a GET can ask for, those of a record once for each."""
    found: list[str] = []
    for route in routes(app):
        if "GET" not in route.methods or route.path in NEVER:
            continue
        if "{record_id}" in route.path:
            paths = [route.path.replace("{record_id}", str(id_)) for id_ in made.values()]
        else:
            paths = [route.path]
        found += [re.sub(r"{[^}]*}", "1", path) for path in paths]
    asking = ("/search", "/answer", "/explore", "/suggest", "/api/v1/search", "/api/v1/suggest")
    found += [f"{path}?q={question}" for path in asking for question in ASKED]
    ids = ",".join(map(str, made.values()))
    return [*found, f"/records?ids={ids}", f"/print?ids={ids}", f"/compare?ids={ids}"]


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_meets_what_is_not_theirs(client, signed_in, shelved, who) -> None:
    role, place, mine = PEOPLE[who]
    browser = client if role is None else signed_in(role, **place)
    asked = addresses(browser.app, shelved)
    assert len(asked) > 300
    leaks = []
    for address in asked:
        answer = browser.get(address, follow_redirects=False)
        assert answer.status_code < 500, (who, address)
        said = re.sub(r"[?&]q=[^\"&]*|value=\"[^\"]*\"", "", answer.text)
        leaks += [
            (address, word)
            for word in RECORDS.keys() - mine
            if word in said and not address.endswith(f"q={word}")
        ]
    assert leaks == []
    met = {
        word
        for word, id_ in shelved.items()
        if word in browser.get(f"/records/{id_}", follow_redirects=False).text
    }
    assert met == mine  # else the page would be silent for everybody, and the test for nothing
