"""Pages between teams keep nobody out: both directions, light and dark, small and wide."""

from collections.abc import Iterator

import pytest

from kb import enquiries, follows, reuse, sign_in, support, users
from kb.content import Place
from kb.people import Grant
from kb.reuse import Share, Tried
from kb.vocabulary import FollowKind, Level, Role, Verdict
from tests.web.browsing import needs_chromium, served
from tests.web.sample import BREASTFEEDING, sample_library
from tests.web.test_open_to_all import look
from web.who import COOKIE

PAGES = (
    "/records/1/spread",
    "/records/2/spread",
    "/records/1/tried?thanks=true",
    "/records/1/ask",
    "/requests",
    "/requests/new",
    "/requests/1",
    "/notices",
    "/notices/news",
    "/notices/stop/x",
    f"/follow?kind=topic&value={BREASTFEEDING}",
    "/desk/reports",
)
RUNGWE = Place(country="TZA", admin2="Rungwe")


@pytest.fixture(scope="module")
def own_site(tmp_path_factory, terms) -> Iterator[tuple[str, str]]:
    """A sample library with one of everything between teams; its address, and who is signed in."""
    with sample_library(tmp_path_factory.mktemp("loop"), terms) as library:
        with library.writing() as session:
            user = users.add(session, "asha@ilulu.example", name="Asha", by="tests")
            users.grant(session, user, Grant(Role.ADMIN), by="tests")
            session.flush()
            session.refresh(user)
            asha = users.person_of(user)
            shares = Share(10, 30), Share(2, 30)
            told = Tried("A clinic", Verdict.WORKED, "At night", "<b>", "MWI", *shares)
            reuse.report(session, asha, 1, told)
            reuse.report(session, asha, 1, Tried("", Verdict.PARTLY, story_id=4))
            reuse.report(session, asha, 4, Tried("عيادة", Verdict.HARMED, country="EGY"))
            reuse.report(session, asha, 1, Tried("Mrs Amina Juma", Verdict.WORKED))
            asked = support.ask(session, asha, "A second scale", level=Level.DISTRICT, place=RUNGWE)
            enquiries.say(session, asha, asked.id, "And a lamp", records=[2])
            support.escalate(session, asked.since + support.WAIT)
            follows.add(session, asha.user_id, FollowKind.PLACE, "TZA")
            secret = sign_in.open_door(session, user)
            session.commit()
        with served(library) as address:
            yield address, secret


@needs_chromium
@pytest.mark.parametrize("path", PAGES)
def test_a_page_between_teams_keeps_nobody_out(chromium, own_site, path) -> None:
    address, secret = own_site
    context = chromium.new_context()
    context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    page = context.new_page()
    answers: list[int] = []
    page.on("response", lambda response: answers.append(response.status))
    wrong = look(page, address + path)
    context.close()
    assert not wrong, "\n".join(wrong)
    assert set(answers) <= {200, 304}
