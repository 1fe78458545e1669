"""Every route, asked by people of each role: nobody does what is not theirs.

Not every combination is asked (`askers`, `states_of`): who differs by nothing is asked once, and
all states only of who sees a difference between them.

The routes come from the router; what each must answer was written down by hand (who_may.py), so
that a route without a line there fails. Each record has a word of its own: what a person may not
read, its word stands in no answer they get, and what they are told of it is what they are told of
a number that no record has.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from kb import (
    api_tokens,
    collections,
    drafts,
    judgements,
    records,
    reuse,
    support,
    tickets,
    users,
    withdrawals,
)
from kb import batches as kept
from kb.content import Place, Section
from kb.db import utcnow
from kb.models import Likeness
from kb.people import Grant
from kb.vocabulary import (
    ApiScope,
    BatchKind,
    Became,
    Level,
    LikenessKind,
    LikenessState,
    Naming,
    Role,
    SectionRole,
    Status,
    Verdict,
    Visibility,
)
from tests.web.conftest import SAME_SITE
from tests.web.test_rules import routes
from tests.web.who_may import (
    ABSENT,
    CIRCLES,
    EVERYBODYS,
    FORBIDDEN,
    GONE,
    HERE,
    IN,
    LEARNING_CENTRE,
    NEEDS,
    NUMBERLESS,
    PEOPLE,
    READ,
    ROUTES,
    SIGN_IN,
    STATES,
    WHOSE,
    WITHDRAWN,
    expected,
)
from web.app import create_app
from web.rules import rule_of
from web.who import COOKIE

ILULU = Place(**HERE, facility="Ilulu Health Centre")
PLAIN = {**SAME_SITE, "Accept-Encoding": "identity"}
UNUSED = 99_999  # a number that no record has
OUTSIDERS = [who for who in PEOPLE if who not in LEARNING_CENTRE and who != "author"]
THERE_IS = "there"  # what lies beside the records, by its own number
FEW = ("zantold", "zandist", "zanpubl", "zangone", NUMBERLESS)
# Who differs from others of their role only by its place.
PLACED = {"author", "coach elsewhere", "curator", "publisher", "admin"}
# Let in, they may still find nothing: the record has no such file, picture, question or version.
MAY_LACK = re.compile(r"/(file|original|look|restore|compare)$|/(pictures|questions|photos)/")
RECORD = {"page", "public", "asking", "tried", "follow", "edit", "curate", "publish"}
SIGN_IN_FAILED = {"open": FORBIDDEN, "link": FORBIDDEN}  # the password is wrong
# A whole form where an empty one would be refused for being empty.
FORMS = {
    "/notices/choices": {"digest": "day"},
    "/follow": {"kind": "topic", "value": "kangaroo-mother-care"},
    "/records/{record_id}/ask": {"text": "How long did it take?"},
    "/records/{record_id}/tried": {"where": "A clinic", "country": "KEN", "verdict": "worked"},
    "/desk/alike/{likeness_id}": {"state": "different"},
    "/desk/judgements/{judgement_id}": {"state": "rejected"},
    "/desk/reports/{report_id}": {"act": "keep"},
    "/people/{user_id}/grant": {"role": "reader", "country": "TZA"},
    "/people/{user_id}/take": {"role": "contributor", **HERE, "facility": "Ilulu Health Centre"},
}
ASKING = ("/search", "/answer", "/explore", "/suggest", "/api/v1/search", "/api/v1/suggest")
BOARDS = ("facility", "district", "country")
WORDS = ("zan", "zantold", "weigh", "scale+later")


def known_routes() -> dict[tuple[str, str], str]:
    """Return what each route of `who_may` is about, by method and path."""
    found = {}
    for kind, lines in ROUTES.items():
        for line in lines.split("\n"):
            method, *paths = line.split() or [""]
            found |= {(method, path): kind for path in paths}
    return found


def test_every_route_of_the_router_stands_in_the_table_with_its_rule(library) -> None:
    rules = {
        (method, route.path): rule_of(route)
        for route in routes(create_app(library))
        for method in route.methods
    }
    table = known_routes()
    assert rules.keys() - table.keys() == set(), "say in tests/web/who_may.py for whom these are"
    assert table.keys() - rules.keys() == set(), "these are no routes any more"
    names = {None: {"open", "link"}, "": {"signed in"}}
    wrong = {
        asked: rule.name if rule else "no rule"
        for asked, rule in rules.items()
        if rule is None or rule.name not in names.get(NEEDS[table[asked]], {NEEDS[table[asked]]})
    }
    assert wrong == {}


@pytest.fixture
def shelved(make_record, indexed, library, account) -> dict[str, int]:
    """One record in each state, of one team; the number of each by its word."""
    account(Role.CONTRIBUTOR, email="author@people.example", **HERE, facility=ILULU.facility)
    made = {word: _record(make_record, word) for word in STATES}
    with library.writing() as session:
        author = users.by_email(session, "author@people.example")
        for word, (status, visibility, sent, _) in STATES.items():
            record = records.get(session, made[word])
            record.author_id = author.id
            record.contact = "the matron"
            record.submitted = utcnow() if sent else None
            if status == "consent withdrawn":
                withdrawals.take_back(session, record.id, by="test", reason="asked for")
            else:
                record.status, record.visibility = Status(status), Visibility(visibility)
                record.published = utcnow() if word in CIRCLES else record.published
        session.commit()
    indexed()
    return made | {NUMBERLESS: UNUSED}


def _record(make_record, word: str) -> int:
    status, _, _, more = STATES[word]
    in_work = status in {"draft", "in-review", "returned", "privacy-check"}
    return make_record(
        publish=not in_work and word not in CIRCLES,
        title=f"Weigh {word} later",
        summary=f"The scale waits for {word}. {more}",
        sections=(Section(role=SectionRole.CHANGES, heading=word, body=f"Weigh {word}."),),
        places=(ILULU,),
        naming=Naming.TYPE_AND_DISTRICT,
    )


@pytest.fixture
def beside(library, shelved) -> dict[str, object]:
    """What lies beside the records: for each placeholder of an address what it stands for."""
    with library.writing() as session:
        author = users.by_email(session, "author@people.example")
        person = users.person_of(author)
        draft = drafts.begin(session, person, kind="facility", language="en", path="quick")
        text = "Our scale of zanasked is broken."
        enquiry = support.ask(session, person, text, level=Level.DISTRICT, place=Place(**HERE))
        pair = Likeness(
            record_id=shelved["zanteam"],
            other_id=shelved["zantold"],
            kind=LikenessKind.NEAR_TEXT,
            score=0.9,
            state=LikenessState.OPEN,
            decided_by="",
        )
        session.add(pair)
        batch = kept.begin(session, BatchKind.INGEST, ["zanfile.docx"], by="curator@people.example")
        told = records.get(session, shelved["zantold"])
        kept.note(
            session, batch.id, name="zanfile.docx", position=1, became=Became.ADDED, record=told
        )
        kept.finish(session, batch.id)
        day = datetime.now(UTC).date()
        judged = judgements.propose(session, "scale", shelved["zanpubl"], today=day)
        tried = reuse.Tried(where="A clinic", country="KEN", verdict=Verdict.WORKED)
        report = reuse.report(session, person, shelved["zanpubl"], tried)
        package = collections.create(session, "For the night", by="test").id
        part = collections.add(session, package, shelved["zanpubl"]).parts[0]
        grant = Grant(Role.READER, country="TZA")
        tickets.invite(session, "zaninvited@people.example", [grant], by="test")
        invitation = tickets.invitations(session)[0].id
        session.commit()
        return {
            "draft_id": draft.id,
            "enquiry_id": enquiry.id,
            "likeness_id": pair.id,
            "batch_id": batch.id,
            "judgement_id": judged.id,
            "report_id": report.id,
            "user_id": author.id,
            "collection_id": package,
            "part_id": part.id,
            "number": invitation,
        }


@pytest.fixture
def writings(engine) -> Iterator[list[str]]:
    """Every statement since the list was emptied that would change something."""
    seen: list[str] = []

    def see(_conn, _cursor, statement, *_rest) -> None:
        if re.match(r"\s*(insert|update|delete|replace)", statement, re.IGNORECASE):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


@pytest.fixture
def browsers(library, shelved, account, desk) -> dict[str, TestClient]:
    """The library as each of the people asks for it."""
    app = create_app(library)
    found = {"operator": desk}
    for who, (role, place) in PEOPLE.items():
        secret = ""
        if role and who != "operator":
            secret = account(Role(role), email=f"{who.replace(' ', '-')}@people.example", **place)
        cookies = {COOKIE: secret} if secret else {}
        found.setdefault(
            who,
            TestClient(app, cookies=cookies, headers=PLAIN, raise_server_exceptions=False),
        )
    return found


def ask(browser: TestClient, method: str, address: str, form: dict[str, str]):
    sent = {"params": form} if method == "GET" else {"data": form}
    return browser.request(method, address, follow_redirects=False, **(sent if form else {}))


def told(answer, path: str) -> str:
    """Return what an answer comes to, in the words of the table."""
    to_sign_in = answer.headers.get("location", "").startswith("/sign-in?")
    if answer.status_code == 401 or to_sign_in:
        return SIGN_IN
    if answer.status_code == 404 and MAY_LACK.search(path):
        return f"{IN} or {ABSENT}"
    names = {403: FORBIDDEN, 404: ABSENT, 410: GONE}
    failed = answer.status_code >= 500 and answer.status_code != 503
    return f"an error, {answer.status_code}" if failed else names.get(answer.status_code, IN)


def askers(kind: str) -> list[str]:
    """Return who asks: everybody, but where the place of a role makes no difference."""
    if kind in {"open", "link", "public"}:
        return ["nobody", "coach"]
    if kind == "curate":
        return [who for who in PEOPLE if not who.startswith(("publisher", "admin"))]
    by_place = kind in RECORD or kind in WHOSE
    return list(PEOPLE) if by_place else [who for who in PEOPLE if who not in PLACED]


def states_of(kind: str, who: str) -> list[str]:
    """Return the states to ask about: all for some of the people, a few for the others."""
    if kind in WHOSE:
        refused = expected(kind, "POST", who, THERE_IS) == ABSENT
        return [THERE_IS, NUMBERLESS] if refused else [THERE_IS]
    if kind not in RECORD:
        return [NUMBERLESS]
    answers = {expected(kind, "GET", who, state) for state in STATES}
    if len(answers) == 1:
        return ["zantold", NUMBERLESS]
    thorough = kind == "page" or (who in {"coach", "author"} and kind != "curate")
    return [*STATES, NUMBERLESS] if thorough else [*FEW]


def numbered(
    path: str, kind: str, state: str, shelved: dict[str, int], beside: dict[str, object]
) -> tuple[object, dict[str, object]]:
    """Return the number that is asked for, and those of the placeholders of the address."""
    if kind not in WHOSE:
        return shelved[state], beside
    if state == NUMBERLESS:
        return UNUSED, dict.fromkeys(beside, UNUSED)
    first = re.search(r"{(\w+)}", path)
    return (beside.get(first[1], "") if first else ""), beside


def filled(path: str, record_id: object, beside: dict[str, object]) -> str:
    """Return an address of the route."""
    others = {"notation": "kangaroo-mother-care", "code": "TZA", "kind": "health-post"}
    others |= {
        "size": 192,
        "version": 1,
        "question_id": 1,
        "finding_id": 1,
        "photo_id": 1,
        "part": 1,
        "job_id": 1,
    }
    others |= {"letter_id": 1}
    others |= {"digest": "0" * 64, "secret": "unknown", "token": "unknown", "need_id": 1}
    others |= {"view_id": 1, "name": "about" if path.startswith("/tell") else "facility-en.docx"}
    others["form"] = "ris" if "/cite." in path else "sheet"
    return path.format(**(others | beside | {"record_id": record_id}))


def test_everybody_is_answered_as_the_table_says(
    browsers, shelved, beside, writings, monkeypatch
) -> None:
    # What is let in changes nothing either, so that the next one finds all as it was.
    monkeypatch.setattr(Session, "commit", Session.rollback)
    wrong = []
    for (method, path), kind in known_routes().items():
        for who in askers(kind):
            absent = ""
            for state in reversed(states_of(kind, who)):
                number, named = numbered(path, kind, state, shelved, beside)
                address = filled(path, number, named)
                form = FORMS.get(path, {})
                writings.clear()
                answer = browsers[who].request(method, address, data=form, follow_redirects=False)
                wanted, got = expected(kind, method, who, state), told(answer, path)
                if kind not in RECORD | WHOSE.keys() and got in {ABSENT, SIGN_IN_FAILED.get(kind)}:
                    got = IN  # it lets in, and has nothing by that name
                asked = f"{method} {path}, {who}, {state}"
                if wanted not in got:
                    wrong.append(f"{asked}: {got} ({answer.status_code}), not {wanted}")
                if wanted != IN and writings:
                    wrong.append(f"{asked}: refused, but wrote {writings[0][:60]}")
                if state == NUMBERLESS:
                    absent = answer.text
                elif wanted == ABSENT and answer.text != absent.replace(str(UNUSED), str(number)):
                    wrong.append(f"{asked}: told otherwise than of a number that is not there")
                wrong += [f"{asked}: meets {word}" for word in met(answer, who)]
    assert wrong == [], "\n" + "\n".join(wrong)


def met(answer, who: str) -> list[str]:
    """Return the words of an answer that are not for who asked."""
    if who in LEARNING_CENTRE or who == "author":
        return []
    said = re.sub(r"[?&]q=[^\"&]*|value=\"[^\"]*\"", "", answer.text)
    beside = {"zanasked": "enquiry", "zaninvited": "account", "zanfile": "batch"}
    strange = STATES.keys() - READ[who]
    strange |= {word for word, what in beside.items() if who not in WHOSE[what]}
    return sorted(word for word in strange if word in said)


def test_what_is_asked_for_by_words_or_by_numbers_tells_no_more(browsers, shelved, beside) -> None:
    ids = ",".join(map(str, shelved.values()))
    asked = [f"{path}?q={word}" for path in ASKING for word in WORDS]
    asked += [f"/records?ids={ids}", f"/print?ids={ids}", f"/compare?ids={ids}"]
    asked += [f"/desk/collections/add?ids={ids}", f"/desk/bulk?ids={ids}", "/desk/bulk?words=zan"]
    asked += [f"/desk/bulk/preview?ids={ids}&do=level&value=district", "/desk/needs?days=365"]
    asked += [f"/boards/{board}?country=TZA&region=Mbeya&district=Rungwe" for board in BOARDS]
    asked += [
        f"/follow?kind=record&value={shelved['zandist']}",
        f"/desk/next?after={shelved['zantold']}",
    ]
    wrong = []
    purged = {one["id"] for one in browsers["nobody"].get("/purge.json").json()["removed"]}
    harvest = browsers["nobody"].get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text
    for word, number in shelved.items():  # what everybody once had, and nothing else
        if (number in purged) != (word in WITHDRAWN):
            wrong.append(f"/purge.json: {word}")
        if (f":{number}<" in harvest) != (word in WITHDRAWN | EVERYBODYS):
            wrong.append(f"/oai: {word}")
    for who in OUTSIDERS:
        for address in asked:
            answer = browsers[who].get(address, follow_redirects=False)
            typed = address.partition("?q=")[2]
            words = [word for word in met(answer, who) if word != typed]
            wrong += [f"{address}, {who}: meets {word}" for word in words]
            if str(shelved["zantold"]) == answer.headers.get("location", "").rpartition("/")[2]:
                wrong.append(f"{address}, {who}: is led to {answer.headers['location']}")
    assert wrong == [], "\n" + "\n".join(wrong)
    for who in ("nobody", "coach", "author"):  # else all would be silent, and the test for nothing
        page = browsers[who].get(f"/records/{shelved['zanpubl']}").text
        assert "zanpubl" in page, who


def test_a_program_reads_what_everybody_reads_whoever_it_belongs_to(
    library, shelved, browsers
) -> None:
    tokens = {"no token": ""}
    with library.writing() as session:
        user = users.by_email(session, "admin@people.example")
        for scope in ApiScope:
            tokens[scope] = api_tokens.make(session, user, name=scope, scopes=[scope])
        session.commit()
    wrong = []
    reads = {"no token": 401, ApiScope.READ: 200, ApiScope.WRITE: 403}
    for name, token in tokens.items():
        carried = {"Authorization": f"Bearer {token}"} if token else {}
        program = TestClient(browsers["nobody"].app, headers=carried)
        assert program.get("/api/v1/me").status_code == reads[name], name
        for state, number in shelved.items():
            for path in ("/api/v1/records/{}", "/api/v1/records/{}/similar"):
                got = program.get(path.format(number)).status_code
                wanted = {IN: 200, ABSENT: 404, GONE: 410}[
                    expected("public", "GET", "nobody", state)
                ]
                if got != wanted:
                    wrong.append(f"{path}, {name}, {state}: {got}, not {wanted}")
        for path in ("/desk", "/account", "/peers", f"/desk/records/{shelved['zantold']}"):
            answer = program.get(path, follow_redirects=False)  # a token counts under /api/ only
            if told(answer, path) != SIGN_IN:
                wrong.append(f"{path}, {name}: {answer.status_code}")
    assert wrong == []
