"""A real browser without a network: what is kept opens, and what was typed is not lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from threading import Thread
from time import sleep

import pytest
import uvicorn
from sqlalchemy.orm import Session

from kb import collections, records
from kb.content import Place
from kb.people import Person
from tests.web.browsing import CLINIC, PHONE, needs_chromium
from web.app import create_app
from web.catalogue import PublicRecord, published

pytestmark = needs_chromium


@dataclass
class Site:
    """A library that may be switched off and on again, on the same address."""

    app: object
    held: socket = field(default_factory=socket)  # nobody else gets the address while it is off
    server: uvicorn.Server | None = None
    thread: Thread | None = None

    def __post_init__(self) -> None:
        self.held.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return self.held.getsockname()[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(self.app, port=self.port, log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            sleep(0.02)

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join()


@pytest.fixture
def site(library, shelf, series) -> Iterator[Site]:
    """Serve a story of Tanzania and a poster of Kenya."""
    shelf(measures=(series,), places=(Place(country="TZA"),))
    shelf(title="A poster <b>nobody</b> read", summary="It hung by the scale.")
    site = Site(create_app(library))
    site.start()
    yield site
    site.stop()
    site.held.close()


# A page asks for a renewal when it opens, and waits for no answer. This does.
ANSWER = """
    if (self.ServiceWorker) {
        const post = ServiceWorker.prototype.postMessage;
        ServiceWorker.prototype.postMessage = function (said, ports) {
            if (ports) return post.call(this, said, ports);
            const { port1, port2 } = new MessageChannel();
            self.renewing = true;
            port1.onmessage = () => { self.renewing = false; };
            post.call(this, said, [port2]);
        };
    }"""


@pytest.fixture
def phone(chromium, site) -> Iterator[Callable]:
    """Return a way to open a phone of its own."""
    contexts = []

    def take(**options):
        context = chromium.new_context(base_url=site.address, viewport=PHONE, **options)
        context.add_init_script(ANSWER)
        contexts.append(context)
        return context

    yield take
    for context in contexts:
        context.close()


@contextmanager
def no_network(site: Site) -> Iterator[None]:
    site.stop()
    yield
    site.start()


def keep(page, address: str) -> None:
    """Open a story and keep it."""
    page.goto(address)
    page.get_by_role("button", name="Keep this story").click()
    page.get_by_role("button", name="Remove from this device").wait_for()


def renewed(page) -> None:
    """Wait until the renewal that the page asked for, if it did, is over."""
    page.wait_for_function("() => !self.renewing")


def days_pass(page, days: int) -> None:
    """Make everything that is kept older."""
    renewed(page)  # it would make it new again
    page.evaluate(
        """async (days) => {
            const name = (await caches.keys()).find((one) => one.startsWith("kept-pages-"));
            const pages = await caches.open(name);
            for (const kept of await pages.keys()) {
                const copy = await pages.match(kept);
                const headers = new Headers(copy.headers);
                const since = Date.parse(headers.get("X-Kept")) - days * 86400000;
                headers.set("X-Kept", new Date(since).toISOString());
                await pages.put(kept, new Response(await copy.text(), { headers }));
            }
        }""",
        days,
    )


def kept(page) -> list[str]:
    """Return the paths that are kept."""
    return page.evaluate(
        """async () => {
            const name = (await caches.keys()).find((one) => one.startsWith("kept-pages-"));
            const keys = name ? await (await caches.open(name)).keys() : [];
            return keys.map(({ url }) => new URL(url).pathname).sort();
        }"""
    )


def until(page, promise: str) -> None:
    """Wait until what is promised is true."""
    for _ in range(300):
        if page.evaluate(promise):
            return
        page.wait_for_timeout(100)
    raise AssertionError(promise)


def test_a_kept_story_opens_without_a_network_and_says_how_old_it_is(phone, site) -> None:
    page = phone().new_page()
    keep(page, "/records/1")
    page.get_by_text("On this device, kept: this minute").wait_for()
    days_pass(page, 3)
    with no_network(site):
        page.goto("/records/1?lang=fr")  # the copy there is, is better than none
        assert page.get_by_role("heading", level=1).inner_text() == "Skin to skin before the scale"
        page.get_by_role("status").filter(has_text="It was kept: 3 days ago").wait_for()
        ink = page.locator("h1").evaluate("h1 => getComputedStyle(h1).lineHeight")
        assert ink != "normal"  # its stylesheet came with it
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.goto("/records/2").status == 503
        page.get_by_text("the page you want is not on this device").wait_for()
        page.get_by_role("link", name="Skin to skin before the scale").click()
        page.get_by_role("heading", name="Skin to skin before the scale").wait_for()


def test_nothing_is_kept_unasked(phone, site) -> None:
    page = phone().new_page()
    for address in ("/", "/records/1", "/kept"):
        page.goto(address)
    page.get_by_text("Nothing is kept yet").wait_for()
    found = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
    assert page.evaluate(found) == 0
    assert page.evaluate("caches.keys()") == []


def test_what_is_kept_is_listed_with_age_and_size_renewed_and_removed(phone, site) -> None:
    page = phone().new_page()
    keep(page, "/records/1")
    keep(page, "/records/2")
    days_pass(page, 2)
    with no_network(site):
        page.goto("/kept")
        items = page.locator(".kept li")
        items.nth(1).wait_for()  # the list is made by a script
        assert items.count() == 2
        assert "kept: 2 days ago" in items.first.inner_text()
        assert " kB" in items.first.inner_text()
        assert items.last.get_by_role("link").inner_text() == "A poster <b>nobody</b> read"
        items.first.get_by_role("button", name="Get it anew").click()
        page.get_by_text("Is there a network?").wait_for()
        assert items.count() == 2
    items.first.get_by_role("button", name="Get it anew").click()
    page.get_by_text("It is new again.").wait_for()
    assert "this minute" in items.first.inner_text()
    assert page.locator(":focus").inner_text() == "Get it anew"
    items.first.get_by_role("button", name="Remove").click()
    page.get_by_text("It is no longer on this device.").wait_for()
    assert kept(page) == ["/kept", "/records/2"]
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("Nothing is kept yet").wait_for()
    assert page.evaluate("caches.keys()") == []
    keep(page, "/records/2")  # and it can be begun anew
    assert kept(page) == ["/kept", "/records/2"]


def test_a_story_that_was_taken_back_goes_at_the_next_contact(phone, site, engine) -> None:
    page = phone().new_page()
    keep(page, "/records/1")
    keep(page, "/records/2")
    withdraw(engine, 1)
    assert page.goto("/records/1").status == 410
    until(page, "caches.match('/records/1').then((copy) => !copy)")
    assert kept(page) == ["/kept", "/records/2"]
    withdraw(engine, 2)
    page.goto("/about")  # any page of the library is a contact
    until(page, "caches.keys().then((names) => !names.length)")


def only_the_second(session: Session, _person: Person, record_id: int) -> tuple[PublicRecord, None]:
    """Answer for one record, and break for all others."""
    assert record_id == 2
    return published(session, record_id), None


def test_a_page_that_fails_holds_up_no_other(phone, site, engine, monkeypatch) -> None:
    page = phone().new_page()
    keep(page, "/records/1")
    keep(page, "/records/2")
    days_pass(page, 2)
    monkeypatch.setattr("web.pages.records.shown_to", only_the_second)
    withdraw(engine, 2)
    page.goto("/about")
    until(page, "caches.match('/records/2').then((copy) => !copy)")
    assert kept(page) == ["/kept", "/records/1"]
    assert page.goto("/records/1").status == 200  # the copy, as the library cannot answer
    page.get_by_text("It was kept: 2 days ago").wait_for()


def test_a_collection_is_kept_and_removed_with_its_stories(phone, site, engine) -> None:
    with Session(engine) as session:
        begun = collections.create(session, title="Scales", purpose="For the night.", by="test")
        for record_id in (2, 1):
            collections.add(session, begun.id, record_id)
        collections.publish(session, begun.id, by="test")
        session.commit()
    page = phone().new_page()
    page.goto("/collections/1")
    page.get_by_role("button", name="Keep this collection").click()
    page.get_by_role("button", name="Remove from this device").wait_for()
    assert kept(page) == ["/collections/1", "/kept", "/records/1", "/records/2"]
    with no_network(site):
        page.goto("/collections/1")
        page.get_by_role("link", name="Skin to skin before the scale").click()
        page.get_by_text("You see the copy on this device").wait_for()
    withdraw(engine, 1)
    page.goto("/records/1")  # gone, and so is its card in the collection
    until(page, "caches.match('/records/1').then((copy) => !copy)")
    shown = "caches.match('/collections/1').then((copy) => copy.text())"
    until(page, f"{shown}.then((html) => !html.includes('Skin to skin'))")
    page.goto("/collections/1")
    page.get_by_role("button", name="Remove from this device").click()
    page.get_by_text("It is no longer on this device.").wait_for()
    assert kept(page) == []


def withdraw(engine, record_id: int) -> None:
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="asked for")
        session.commit()


def test_what_is_kept_stays_in_its_language(phone, site) -> None:
    page = phone(locale="ar").new_page()
    page.goto("/records/1")
    press = page.locator("[data-keep] button")
    press.click()
    until(page, "caches.match('/kept').then(Boolean)")
    page.goto("/about?lang=fr")
    days_pass(page, 2)
    page.goto("/about")
    until(
        page,
        """caches.match("/records/1")
        .then((copy) => Date.now() - Date.parse(copy.headers.get("X-Kept")) < 60000)""",
    )
    renewed(page)  # all of it: nothing is asked any more when the network goes
    with no_network(site):
        page.goto("/records/1")
        assert page.locator("html").get_attribute("lang") == "ar"
        page.locator(".kept-note").filter(has_text="الدقيقة").wait_for()  # “this minute”
    page.goto("/about")
    assert page.locator("html").get_attribute("lang") == "fr"


def test_a_part_is_never_taken_for_a_page(phone, site) -> None:
    page = phone().new_page()
    keep(page, "/records/1")
    part = """fetch("/records/1", { headers: { "HX-Request": "true" } })
        .then((answer) => answer.status, () => "no network")"""
    assert page.evaluate(part) == 200
    page.goto("/search?q=scale")
    page.get_by_label("Your question, in any language").fill("poster")
    page.get_by_role("button", name="Search").click()
    page.locator("#count", has_text="for “poster”").wait_for()
    assert kept(page) == ["/kept", "/records/1"]
    with no_network(site):
        assert page.evaluate(part) == "no network"


def test_an_older_way_of_keeping_is_carried_over_and_removed(phone, site) -> None:
    page = phone().new_page()
    page.goto("/about")
    page.evaluate(
        """async () => {
            const headers = { "X-Kept": "2026-01-01T00:00:00Z", "Content-Language": "en" };
            const pages = await caches.open("kept-pages-0");
            await pages.put("/records/2", new Response("<html>", { headers }));
            await caches.open("kept-files-0");
            await caches.open("of another program");
        }"""
    )
    page.evaluate("navigator.serviceWorker.register('/sw.js')")
    until(page, "caches.keys().then((names) => !names.includes('kept-files-0'))")
    assert kept(page) == ["/records/2"]
    assert "of another program" in page.evaluate("caches.keys()")


def test_without_scripting_there_is_no_dead_button(phone) -> None:
    page = phone(java_script_enabled=False).new_page()
    page.goto("/records/1")
    assert page.get_by_role("button", name="Keep this story").count() == 0
    page.goto("/kept")
    page.get_by_text("This browser cannot keep stories").wait_for()
    assert page.get_by_role("main").get_by_role("button").count() == 0


def test_on_a_plain_address_of_a_network_nothing_is_offered(phone, site) -> None:
    page = phone().new_page()
    clinic = f"http://{CLINIC}:{site.port}"  # no https, and not this computer
    page.goto(f"{clinic}/records/1")
    assert not page.evaluate("isSecureContext")
    assert page.get_by_role("button", name="Keep this story").count() == 0
    page.goto(f"{clinic}/kept")
    page.get_by_text("an address that begins with https").wait_for()


PLAN = "Early initiation of breastfeeding: weigh the baby later."
DRAFT_HAS = "all => Object.values(localStorage).some((kept) => all.every((s) => kept.includes(s)))"


def write_a_plan(page) -> None:
    """Type a plan, and wait until the draft of it is kept."""
    page.goto("/similar")
    page.get_by_label("Your plan").press_sequentially(PLAN)
    page.get_by_label("Births a month there").fill("40")
    page.wait_for_function(DRAFT_HAS, arg=[PLAN[-12:], '"40"'])


def test_what_was_typed_survives_a_power_cut(phone, site) -> None:
    cut = phone()
    page = cut.new_page()
    write_a_plan(page)
    page.close()  # at once: no page is asked before
    page = cut.new_page()
    page.goto("/similar")
    page.get_by_role("status").filter(has_text="What you had typed is back.").wait_for()
    assert page.get_by_label("Your plan").input_value() == PLAN
    assert page.get_by_label("Births a month there").input_value() == "40"
    page.reload()
    page.get_by_text("What you had typed is back.").wait_for()
    page.get_by_role("button", name="Throw it away").click()
    assert page.get_by_label("Your plan").input_value() == ""
    assert page.locator(":focus").get_attribute("name") == "text"
    page.reload()
    page.wait_for_timeout(300)
    assert page.get_by_label("Your plan").input_value() == ""
    assert not page.get_by_text("What you had typed is back.").is_visible()


def test_what_was_sent_is_kept_no_longer_and_what_did_not_arrive_is(phone, site) -> None:
    page = phone().new_page()
    write_a_plan(page)
    with no_network(site), page.expect_event("requestfailed"):
        page.get_by_role("button", name="Show who did it").click()
    while not page.url.startswith("chrome-error:"):
        page.wait_for_timeout(50)
    page.goto("/similar")
    page.get_by_text("What you had typed is back.").wait_for()
    page.get_by_role("button", name="Show who did it").click()
    page.get_by_role("heading", name="experiences like it").wait_for()
    page.wait_for_load_state()  # the script that forgets the draft has run
    assert page.get_by_label("Your plan").input_value() == PLAN
    assert page.evaluate("localStorage.length") == 0
    page.goto("/similar")
    assert page.get_by_label("Your plan").input_value() == ""


FORM = """<form action="/about" data-keep-draft="form">
<div role="status" data-draft-note><p hidden>Back. <button type="button">Away</button></p></div>
<textarea name="told">{told}</textarea><input name="word" type="password">
<select name="kind"><option>one</option><option>two</option></select>
<button>Send</button></form>"""


def test_drafts_outlive_an_exchanged_part_and_never_hold_a_password(phone, site) -> None:
    page = phone().new_page()
    page.goto("/similar")
    exchange = """(form) => {
        document.querySelector("main").innerHTML = form;
        document.dispatchEvent(new CustomEvent("htmx:load",
            { detail: { elt: document.querySelector("main") } }));
    }"""
    page.evaluate(exchange, FORM.format(told="as it was"))
    page.locator("textarea").fill("half a")
    page.locator("[type=password]").fill("hush")
    page.locator("select").select_option("two")
    page.evaluate(exchange, FORM.format(told="as it was"))  # before the pause is over
    page.wait_for_function(DRAFT_HAS, arg=["half a", '"two"'])
    page.evaluate(exchange, FORM.format(told="as it was"))
    page.get_by_text("Back.").wait_for()
    assert page.locator("textarea").input_value() == "half a"
    assert page.locator("select").input_value() == "two"
    assert page.locator("[type=password]").input_value() == ""
    assert "hush" not in page.evaluate("JSON.stringify(localStorage)")
