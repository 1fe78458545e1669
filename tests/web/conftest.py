"""A whole library behind real pages; the encoder is a bag of words, so that tests are exact."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from kb import content, sign_in, users
from kb.people import Grant
from kb.settings import Settings
from kb.vocabulary import DataSource, Direction, MeasureType, Role
from search.refreshing import refresh
from search.store import ensure_fts
from tests.web.bag_of_words import BagOfWords
from tests.web.browsing import CHROMIUM, FLAGS, served
from tests.web.sample import sample_library
from web.app import create_app
from web.library import Library
from web.who import COOKIE

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}  # as browsers say of the forms of our own pages


@pytest.fixture
def settings(tmp_path, engine) -> Settings:
    return Settings(
        data=tmp_path,
        database=engine.url.render_as_string(hide_password=False),
        name="Test shelf",
        api_guests="",
    )


@pytest.fixture
def library(settings, engine, terms) -> Library:
    with engine.begin() as connection:
        ensure_fts(connection)
    library = Library(settings, engine, terms)
    library.__dict__["encoder"] = BagOfWords()  # in place of the cached one
    return library


@pytest.fixture
def indexed(library):
    """Bring the index up to date with the records."""

    def index() -> None:
        with library.writing() as session:
            while refresh(session, library.encoder, limit=50):
                session.commit()
            session.commit()

    return index


@pytest.fixture
def series() -> content.Measure:
    """Thirteen weeks: four before the change, one missing, better afterwards."""
    fed = (10, 11, 9, 10, 12, 18, 22, 24, None, 25, 26, 24, 25)
    return content.Measure(
        name="Newborns fed within one hour",
        type=MeasureType.PROCESS,
        direction=Direction.UP,
        source=DataSource.REGISTER,
        numerator_text="Babies put to the breast",
        denominator_text="Live births",
        points=tuple(
            content.Point(
                period=date(2024, 1, 1) + timedelta(weeks=week), numerator=n, denominator=30
            )
            for week, n in enumerate(fed)
        ),
    )


@pytest.fixture
def shelf(make_record, indexed):
    """Make a published record that can be found; return its id."""

    def make(**changes) -> int:
        record_id = make_record(**changes)
        indexed()
        return record_id

    return make


@pytest.fixture
def client(library, indexed) -> TestClient:
    """The pages of the library, as a browser without JavaScript would ask for them."""
    return TestClient(create_app(library), raise_server_exceptions=False)


@pytest.fixture
def desk(library) -> TestClient:
    """The library with its desk, as a browser on the same computer would ask for it."""
    return TestClient(
        create_app(library, desk=True),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        raise_server_exceptions=False,
    )


@pytest.fixture
def account(library):
    """Open an account; return the secret that its browser carries."""

    def account(role: Role, *, email: str = "", **place: str) -> str:
        with library.writing() as session:
            address = email or f"{role}@people.example"
            user = users.find(session, address) or users.add(
                session, address, name=address.partition("@")[0].title(), by="tests"
            )
            users.grant(session, user, Grant(role, **place), by="tests")
            secret = sign_in.open_door(session, user)
            session.commit()
        return secret

    return account


@pytest.fixture
def signed_in(library, indexed, account):
    """The pages of the library, as a browser that somebody is signed in with asks for them."""

    def signed_in(role: Role, *, email: str = "", **place: str) -> TestClient:
        secret = account(role, email=email, **place)
        return TestClient(
            create_app(library),
            cookies={COOKIE: secret},
            headers=SAME_SITE,
            raise_server_exceptions=False,
        )

    return signed_in


@pytest.fixture(scope="session")
def sample(tmp_path_factory, terms) -> Iterator[Library]:
    """The sample library (tests/web/sample.py), for tests that only look at it."""
    with sample_library(tmp_path_factory.mktemp("sample"), terms) as library:
        yield library


@pytest.fixture
def own_sample(tmp_path, terms) -> Iterator[Library]:
    """A sample library of the test's own, for tests that change it."""
    with sample_library(tmp_path, terms) as library:
        yield library


@pytest.fixture(scope="session")
def site(sample) -> Iterator[str]:
    """The address of the sample library, as readers see it."""
    with served(sample) as address:
        yield address


@pytest.fixture(scope="session")
def desk_site(sample) -> Iterator[str]:
    """The address of the sample library with its desk."""
    with served(sample, desk=True) as address:
        yield address


# One browser a module: Playwright keeps an event loop running in the thread of the tests, which
# would be in the way of those that are no browser tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A browser without windows."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # ms, as everything else in a page is waited for
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site):
    """Open an address of the site in a fresh browser window."""
    contexts = []

    def open_it(address: str, *, of: str = site, **options):
        context = chromium.new_context(base_url=of, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
