"""A careful curator at the desk, who has only a keyboard: she decides what `truth.yaml` says.

Every key that she presses is counted, in fields too. How long it takes a person is not measured
but estimated by the keystroke-level model, from those counts and from the words she has to read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Keystroke-level model: S. Card, T. Moran, A. Newell 1980, doi:10.1145/358886.358895.
KEY_S = 0.28  # a press of an average typist who is no secretary
THINK_S = 1.35  # before each decision
# Silent reading of English non-fiction, words a minute: M. Brysbaert 2019,
# doi:10.1016/j.jml.2019.104047. Who reads in a third language is slower.
WORDS_A_MINUTE = 238

READ = """() => {
    const one = document.querySelector("[data-one][data-waits].current");
    if (!one) return null;
    return {id: one.id, value: one.querySelector(".value")?.innerText.trim() ?? "",
            read: one.innerText};
}"""
ESSENTIAL = ("field-title", "field-summary", "field-level", "field-places-0-country")


@dataclass(slots=True)
class Work:
    """What one record took."""

    presses: int = 0
    decisions: int = 0
    words: int = 0  # read, of what stands in the fields and beside the tags

    @property
    def seconds(self) -> float:
        """An estimate, by the keystroke-level model."""
        return self.presses * KEY_S + self.decisions * THINK_S + self.words / WORDS_A_MINUTE * 60


class Curator:
    """Who sits before one page of a browser."""

    def __init__(self, page, names) -> None:
        self.page = page
        self.names = names  # web.names.Names, in the language of the page
        self.work = Work()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.work.presses += len(keys)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.work.presses += len(text)

    def make_findable(self, record_id: int, truth: Mapping[str, Any]) -> Work:
        """Decide the essential fields, every suggested tag, every finding; then publish."""
        self.work = Work()
        self.page.goto(f"/desk/records/{record_id}")
        if self.page.locator("[aria-keyshortcuts=f]").count():
            self._decide_findings(truth)
        while True:
            at = self.page.evaluate(READ)
            if at is None or not at["id"].startswith((*ESSENTIAL, "field-tags-")):
                break
            self.work.decisions += 1
            self.work.words += len(at["read"].split())
            self._decide(at, truth)
            self._settled(at["id"])
        self.press("p")
        self.page.get_by_role("link", name="See it as readers do").wait_for()
        return self.work

    def _decide(self, at: Mapping[str, str], truth: Mapping[str, Any]) -> None:
        field = at["id"]
        if field.startswith("field-tags-"):
            wanted = (*truth["topics"], *truth["interventions"])
            self.press("a" if field.removeprefix("field-tags-") in wanted else "x")
        elif field == "field-title":
            self._say(at["value"], truth["title"])
        elif field == "field-level":
            self._choose(at["value"], str(self.names.facet("level", truth["level"])))
        elif field == "field-places-0-country":
            country = truth["country"]
            self._choose(at["value"], str(self.names.country(country)) if country else "Not told")
        else:
            self.press("a")  # nobody wrote down what a better summary would be

    def _say(self, said: str, wanted: str) -> None:
        if said == wanted:
            self.press("a")
        else:
            self.press("e")
            self.type(wanted)
            self.press("Enter")

    def _choose(self, said: str, wanted: str) -> None:
        if said == wanted:
            self.press("a")
            return
        self.press("e")
        options = self.page.locator("[data-one] details[open] option").all_inner_texts()
        self.type(shortest(wanted if wanted in options else options[0], options))
        self.press("Enter")

    def _decide_findings(self, truth: Mapping[str, Any]) -> None:
        self.press("f")
        self.page.wait_for_url("**/privacy")  # all of it: its script hears the keys
        told = self.page.locator(".tally")
        said = truth["identifiers"]
        while self.page.locator(".tally b").inner_text() != "0":
            before = told.inner_text()
            text = self.page.locator(".one .what mark").inner_text()
            self.work.decisions += 1
            self.work.words += len(self.page.locator(".one .what").inner_text().split())
            named = any(name in text or text in name for name in said)
            self.press("r" if named else "k")
            self.page.wait_for_function(
                "before => document.querySelector('.tally').innerText !== before", arg=before
            )
        self.press("g")
        self.page.wait_for_url(re.compile(r"/desk/records/\d+$"))
        self.page.locator("#decide").wait_for()

    def _settled(self, decided: str) -> None:
        """Wait until the field is decided, and the page has gone on to another one."""
        self.page.wait_for_function(
            """id => document.getElementById(id) && !document.getElementById(id)
                .matches("[data-waits]") && !document.querySelector(".htmx-request")
                && !document.querySelector(".htmx-settling, .htmx-added")
                && document.activeElement.matches(".current, [data-main], #decide a")""",
            arg=decided,
        )


def shortest(wanted: str, options: list[str]) -> str:
    """Return the fewest letters that lead a list to `wanted`, as browsers jump in it.

    >>> shortest("Kenya", ["Kazakhstan", "Kenya", "Kiribati"])
    'ke'
    """
    for length in range(1, len(wanted) + 1):
        start = wanted[:length].casefold()
        if next(one for one in options if one.casefold().startswith(start)) == wanted:
            return start
    return wanted
