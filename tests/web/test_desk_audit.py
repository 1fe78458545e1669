"""The audit at the desk: who did what, whether the list holds, and the purge of old words."""

import re

import pytest
from sqlalchemy.orm import Session

from kb import audit, records, withdrawals
from kb.content import Place
from kb.people import operator
from kb.vocabulary import Role
from web.pages.desk.audit import PER_PAGE

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def taken_back(shelf, engine) -> int:
    """A record of Tanzania that was edited with a reason, and that its team took back."""
    record_id = shelf(places=(Place(country="TZA"),))
    with Session(engine) as session:
        new = records.read(records.get(session, record_id)).model_copy(update={"summary": "Later."})
        records.edit(session, record_id, new, version=2, by="ben@x.example", why=HOSTILE)
        withdrawals.take_back(session, record_id, by="ben@x.example", reason="Letter of May.")
        session.commit()
    return record_id


def test_an_admin_filters_turns_pages_and_sees_whether_the_list_holds(
    signed_in, client, taken_back, engine, queries
) -> None:
    admin = signed_in(Role.ADMIN, email="admin@x.example")
    page = admin.get("/desk/audit").text
    assert "&lt;script&gt;alert" in page
    assert HOSTILE not in page
    assert "ben@x.example" in page
    assert "Withdrawn" in admin.get("/desk/audit?by=ben@x.example&verb=withdrawn").text
    assert "Nothing matches" in admin.get("/desk/audit?verb=edited&by=nobody&since=2020-01-01").text
    assert "Nothing matches" in admin.get("/desk/audit?since=2990-01-01").text
    assert admin.get("/desk/audit?since=&record=&by=&verb=").status_code == 200
    for who in (signed_in(Role.PUBLISHER, email="p@x.example"), client):
        assert who.get("/desk/audit", follow_redirects=False).status_code in {303, 403}
    abroad = signed_in(Role.ADMIN, email="k@x.example", country="KEN")
    assert "ben@x.example" not in abroad.get("/desk/audit").text
    assert "as it was written" in admin.get("/desk/audit?check=true").text

    def asked() -> int:
        queries.clear()
        admin.get("/desk/audit")
        return len(queries)

    few = asked()
    with Session(engine) as session:
        for number in range(PER_PAGE):
            audit.append(session, f"tried {number}", by=f"p{number}", record_id=None, detail={})
        session.commit()
    assert asked() == few
    (older,) = re.findall(
        r'rel="next" href="([^"]+)"', admin.get("/desk/audit?since=2020-01-01").text
    )
    page = admin.get(older.replace("&amp;", "&")).text
    assert "Put into the library" in page
    assert "tried 49" not in page.partition("<ol")[2]


def test_a_publisher_purges_what_was_withdrawn_after_seeing_what_goes(
    signed_in, taken_back, shelf, engine
) -> None:
    address = f"/desk/records/{taken_back}/purge"
    publisher = signed_in(Role.PUBLISHER, email="p@x.example", country="TZA")
    curator = signed_in(Role.CURATOR, email="c@x.example")
    history = f"/desk/records/{taken_back}/history"
    assert address in publisher.get(history).text
    assert address not in curator.get(history).text
    assert curator.post(address, data={"reason": "x"}).status_code == 403
    asked = publisher.get(address).text
    with Session(engine) as session:
        would = audit.purgeable(session, taken_back)
    assert f"the texts of {len(would.versions)} versions" in asked
    assert publisher.post(address, data={"reason": " "}).status_code == 422
    assert publisher.post(address, data={"reason": "The team, 3 May"}).status_code == 200
    with Session(engine) as session:
        assert not audit.purgeable(session, taken_back)
        assert audit.verify(session).broken is None
        assert not withdrawals.unpurged(session, operator("test"))
    told = publisher.get(history).text
    assert "The team, 3 May" in told
    assert "alert" not in told
    assert "Nothing is left" in publisher.get(address).text
    shown = shelf(places=(Place(country="TZA"),))
    assert publisher.post(f"/desk/records/{shown}/purge", data={"reason": "x"}).status_code == 409
