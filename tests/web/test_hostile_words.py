"""What people write never runs in anybody's browser, the browser's own guard switched off too."""

from urllib.parse import quote

import pytest

from tests.web.addresses import DESK_PAGES, PAGES
from tests.web.browsing import needs_chromium, served
from tests.web.hostile_words import ATTACKS, poison
from tests.web.sample import sample_library

pytestmark = needs_chromium

ALSO = (
    "/people",
    "/people/1",
    "/account",
    "/desk/letters/1/mail.html",
    "/collections/3/package.html",
)
ADDRESSES = [one for pages in (PAGES, DESK_PAGES) for shown in pages.values() for one in shown]
WATCH = "window.heard = []; window.ran = number => window.heard.push(number);"
# A handler or a link that waits for a hand is as bad as a script that runs by itself.
LYING_IN_WAIT = """() => [...document.querySelectorAll("*")].flatMap(element =>
    [...element.attributes]
        .filter(one => /^on/i.test(one.name)
            || /^(href|src|srcdoc|action|formaction)$/i.test(one.name)
            && /^(javascript|data:text|<)/i.test(one.value.replace(/[\\s\\x00-\\x1f]/g, "")))
        .map(one => `${element.localName} ${one.name}=${one.value}`.slice(0, 200)))"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, terms):
    with sample_library(tmp_path_factory.mktemp("hostile"), terms) as library:
        poison(library)
        with served(library, desk=True) as address:
            yield address


@pytest.fixture(scope="module")
def unguarded(chromium):
    """A window that obeys no content security policy, and hears what runs."""
    context = chromium.new_context(bypass_csp=True)
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def heard(page) -> list[str]:
    """Return what ran, and what lies in wait."""
    return [*map(str, page.evaluate("window.heard")), *page.evaluate(LYING_IN_WAIT)]


def test_each_attack_would_be_heard(unguarded, hostile) -> None:
    """Only where a page forgets to escape: else the other tests could not fail."""
    for attack in ATTACKS:
        if "ran(" in attack and not attack.startswith("["):  # Markdown is no attack by itself
            unguarded.goto(hostile + "/about")
            unguarded.evaluate(
                "html => { document.open(); document.write(html); document.close(); }",
                f"<div title='{attack}'></div><div title=\"{attack}\"></div><p>{attack}</p>",
            )
            assert heard(unguarded), attack


@pytest.mark.parametrize("address", [*ADDRESSES, *ALSO])
def test_no_word_runs_on_a_page(unguarded, hostile, address) -> None:
    answer = unguarded.goto(hostile + address)
    assert answer.status < 500
    assert heard(unguarded) == []


@pytest.mark.parametrize(
    "asked",
    [
        "/search?q=",
        "/answer?q=",
        "/suggest?q=",
        "/judgements?q=",
        "/sign-in?to=",
        "/desk/audit?by=",
    ],
)
def test_no_question_runs_on_the_page_that_answers_it(unguarded, hostile, asked) -> None:
    for attack in ATTACKS:
        answer = unguarded.goto(hostile + asked + quote(attack))
        assert answer.status < 500
        assert heard(unguarded) == [], attack


def test_the_browser_is_told_to_run_nothing_that_stands_in_a_page(chromium, hostile) -> None:
    """The second lock: a word that slipped through would still not run."""
    context = chromium.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(hostile + "/about")
    for attack in ATTACKS:
        page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", attack)
    page.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'ran(0)';"
        " document.body.append(one); }"
    )
    page.wait_for_function("() => [...document.images].every((one) => one.complete)")
    assert page.evaluate("window.heard") == []
    context.close()
