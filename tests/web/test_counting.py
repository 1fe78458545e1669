"""What readers look at is counted by COUNTER's rules, and nobody is remembered."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError

from kb import collections, usage
from kb.models import Usage
from kb.settings import Settings
from kb.usage import Key, Sum
from kb.vocabulary import Counted, Role, Use
from tests.web.test_rules import routes
from web import counter_reports, counting
from web.app import create_app
from web.counted import about
from web.library import Library

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
LOOKED, TAKEN, SEARCHED = Use.INVESTIGATION, Use.REQUEST, Use.SEARCH


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that stands still until it is told to go on, in seconds."""
    now = [1_000.0]
    monkeypatch.setattr(counting, "monotonic", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


@pytest.fixture
def reader(client, clock) -> TestClient:
    client.headers["User-Agent"] = PHONE
    return client


@pytest.fixture
def counted(library, client):
    """Write down what was counted, and return it: how often and by how many."""

    def read() -> dict[tuple[str, int, str], Sum]:
        client.app.state.counting.write()
        with library.reading() as session:
            rows = session.scalars(select(Usage)).all()
            return {(r.thing, r.number, r.way): Sum(r.times, r.visitors) for r in rows}

    return read


def test_a_double_click_is_one_and_looking_and_taking_home_are_apart(
    reader, shelf, clock, counted
) -> None:
    shelf()
    for wait in (0, 29, 31, 0):  # the second is a double click of the first, the last of the third
        clock(wait)
        reader.get("/records/1")
    reader.get("/records/1/cite.ris")
    reader.get("/records/1", headers={"Accept": "application/x-bibtex"})
    reader.get("/records/1/print")
    reader.get("/records/1", headers={"User-Agent": f"{PHONE} other"})
    # 2 looks, 1 by the other, and 3 kinds of taking, of which the BibTeX has the page's address.
    assert counted() == {
        ("record", 1, LOOKED): Sum(2 + 1 + 2, 2),
        ("record", 1, TAKEN): Sum(2, 1),
    }


def test_what_counts_as_a_search_is_one_question(reader, shelf, clock, counted) -> None:
    shelf()
    reader.get("/search", params={"q": "scale"})
    reader.get("/answer", params={"q": "scale"})  # of the same question, at once
    reader.get("/search", params={"q": "scale", "page": "2"})
    reader.get("/search")
    reader.get("/search", params={"q": "cold"})
    assert counted() == {("library", 0, SEARCHED): Sum(2, 1)}


MINDS = (
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
    {"User-Agent": "Java/17.0"},
    {"User-Agent": ""},
    {"DNT": "1"},
    {"Sec-GPC": "1"},
    {"Sec-Purpose": "prefetch"},
)


def test_robots_and_who_minds_are_not_counted(reader, shelf, counted, clock) -> None:
    shelf()
    for headers in MINDS:
        clock(60)
        assert reader.get("/records/1", headers=headers).status_code == 200
    assert reader.head("/records/1").status_code == 200
    assert reader.get("/records/99").status_code == 404
    assert counted() == {}


def test_a_page_that_is_shown_again_from_what_the_browser_kept_was_looked_at(
    reader, shelf, clock, counted
) -> None:
    shelf()
    etag = reader.get("/records/1").headers["etag"]
    clock(60)
    assert reader.get("/records/1", headers={"If-None-Match": etag}).status_code == 304
    assert counted() == {("record", 1, LOOKED): Sum(2, 1)}


def test_nothing_that_could_name_a_reader_is_kept_and_the_key_goes_with_its_day(
    reader, shelf, counted, monkeypatch, library
) -> None:
    shelf()
    reader.get("/records/1")
    columns = {one["name"] for one in inspect(library.engine).get_columns("usage")}
    assert columns == {"day", "thing", "number", "way", "times", "visitors"}
    before = dict(vars(reader.app.state.counting))
    assert before["_last"]
    assert "testclient" not in repr(before)
    assert PHONE not in repr(before)
    later = datetime.now(UTC) + timedelta(days=1)
    monkeypatch.setattr(counting, "utcnow", lambda: later)
    reader.get("/records/1")
    after = vars(reader.app.state.counting)
    assert after["_key"] != before["_key"]
    assert not set(before["_last"]) & set(after["_last"])
    counted()
    with library.reading() as session:
        assert [row.visitors for row in session.scalars(select(Usage))] == [1, 1]


def test_a_locked_database_loses_nothing_and_a_page_does_not_wait(
    reader, shelf, counted, monkeypatch, clock
) -> None:
    shelf()

    def locked(_session: object, _counted: object) -> None:
        raise OperationalError("insert", {}, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(usage, "note", locked)
        reader.get("/records/1")
        assert counted() == {}
    clock(60)
    reader.get("/records/1")
    assert counted() == {("record", 1, LOOKED): Sum(2, 1)}


def test_a_curator_at_work_is_not_counted_and_sees_the_numbers(
    signed_in, shelf, library, make_record
) -> None:
    shelf(title="Warm <b>babies</b>")
    curator = signed_in(Role.CURATOR)
    curator.headers["User-Agent"] = PHONE
    curator.get("/records/1")
    curator.app.state.counting.write()
    day = datetime.now(UTC).date()
    with library.writing() as session:
        assert not session.scalars(select(Usage)).all()
        gone = Key(day, Counted.RECORD, 99, LOOKED)
        usage.note(session, {gone: Sum(7, 3), gone._replace(number=1): Sum(5, 5)})
        usage.note(session, {gone._replace(number=1): Sum(1, 1)})
        session.commit()
    page = curator.get("/desk/statistics").text
    assert "Warm &lt;b&gt;babies&lt;/b&gt;" in page
    assert "99: taken back" in page
    assert '<td class="num">6</td>' in page


def test_the_public_page_says_it_only_where_the_site_does_and_it_can_be_turned_off(
    library, shelf, tmp_path
) -> None:
    shelf()
    assert "In the last year" not in TestClient(create_app(library)).get("/records/1").text
    (tmp_path / "site.toml").write_text("show_use = true", encoding="utf-8")
    client = TestClient(create_app(_again(library)))
    assert "looked at 0 times, taken home 0 times" in client.get("/records/1").text
    assert "looked at and taken home" in client.get("/privacy").text
    client = TestClient(create_app(_again(library, statistics=False)))
    assert client.app.state.counting is None
    assert "taken home" not in client.get("/records/1").text  # 0 for ever would not be true
    assert "looked at and taken home" not in client.get("/privacy").text


def _again(library: Library, **changed) -> Library:
    """Return the library as if its settings and its site were read anew."""
    settings = Settings(**{**library.settings.model_dump(), **changed})
    other = Library(settings, library.engine, library.taxonomy)
    other.__dict__["encoder"] = library.encoder
    return other


def test_a_package_that_is_taken_home_is_counted_in_every_form(
    library, reader, shelf, counted
) -> None:
    shelf()
    with library.writing() as session:
        made = collections.create(session, "Scales", purpose="To begin.", by="test").id
        collections.add(session, made, 1)
        collections.publish(session, made, by="test")
        session.commit()
    taken = (f"/collections/{made}/package.html", f"/collections/{made}/editions/1/package.epub")
    assert [reader.get(path).status_code for path in taken] == [200, 200]
    assert counted()["collection", made, TAKEN] == Sum(2, 1)
    files = {r.path for r in routes(reader.app) if "GET" in r.methods and _is_a_file(r.path)}
    assert files - counting.USES.keys() == set()


def _is_a_file(path: str) -> bool:
    """Tell whether readers take home a story or a collection here."""
    return path.startswith(("/records/", "/collections/")) and path.endswith((".pdf", ".{form}"))


def test_reports_have_the_head_of_counter_and_add_up(library, shelf, make_record) -> None:
    shelf(title="=1+1 Warm babies", doi="10.1234/ab12")
    make_record(title="A draft", publish=False)
    with library.writing() as session:
        shelf_id = collections.create(session, "Scales", purpose="To begin.", by="test").id
        collections.add(session, shelf_id, 1)
        collections.publish(session, shelf_id, by="test")
        first, second = date(2026, 1, 31), date(2026, 3, 1)
        usage.note(
            session,
            {
                Key(first, Counted.RECORD, 1, LOOKED): Sum(4, 3),
                Key(second, Counted.RECORD, 1, LOOKED): Sum(2, 2),
                Key(second, Counted.RECORD, 1, TAKEN): Sum(1, 1),
                Key(second, Counted.RECORD, 2, LOOKED): Sum(1, 1),
                Key(second, Counted.COLLECTION, shelf_id, LOOKED): Sum(10, 6),
                Key(second, Counted.LIBRARY, 0, SEARCHED): Sum(8, 5),
            },
        )
        session.commit()
    period, now = (date(2026, 1, 1), date(2026, 3, 31)), datetime(2026, 4, 1, tzinfo=UTC)
    with library.reading() as session:
        rows = usage.by_day(session, since=period[0], until=period[1])
        said = about(session, rows, home="https://lib.example")
    written = {
        kind: counter_reports.report(kind, rows, said, library="Test shelf", period=period, now=now)
        for kind in counter_reports.REPORTS
    }
    tables = {
        kind: list(csv.reader(text.splitlines(), delimiter="\t")) for kind, text in written.items()
    }
    assert [line[0] for line in tables["IR"][:13]] == [
        *("Report_Name", "Report_ID", "Release", "Institution_Name", "Institution_ID"),
        *("Metric_Types", "Report_Filters", "Report_Attributes", "Exceptions"),
        *("Reporting_Period", "Created", "Created_By", "Registry_Record"),
    ]
    assert tables["PR"][14] == [
        *("Platform", "Metric_Type", "Reporting_Period_Total", "Jan-2026", "Feb-2026", "Mar-2026")
    ]
    assert ["Test shelf", "Total_Item_Investigations", "17", "4", "0", "13"] in tables["PR"]
    assert ["Test shelf", "Searches_Platform", "8", "0", "0", "8"] in tables["PR"]
    assert ["Test shelf", "Test shelf", "Searches_Regular", "8", "0", "0", "8"] in tables["DR"]
    item = ["'=1+1 Warm babies", "Test shelf", "", "Test shelf", "10.1234/ab12", "record:1"]
    item += ["https://lib.example/records/1"]
    assert [*item, "Unique_Item_Investigations", "5", "3", "0", "2"] in tables["IR"]
    assert tables["TR"][15][:1] == ["Scales"]
    assert "A draft" not in "".join(written.values())
    lines = list(csv.reader(counter_reports.days(rows, said).splitlines()))
    assert len(lines) == 1 + len(rows)
    assert lines[1] == ["2026-01-31", "record", "1", item[0], "investigation", "4", "3"]
