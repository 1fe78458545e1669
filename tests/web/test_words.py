"""Every word of the pages goes through the catalogues, and nothing else does."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from jinja2 import Environment, nodes

from kb.taxonomy import Taxonomy
from tests.web.addresses import DESK_PAGES, PAGES
from web import i18n
from web.app import create_app
from web.assets import FOLDER
from web.messages import brought_up_to_date, written

TEMPLATES = FOLDER.parent / "templates"
READ_ALOUD = ("aria-label", "title", "alt", "placeholder", "label", "data-told", "data-label")
UNTRANSLATED = ("code", "kbd", "script", "style")  # commands, keys and programs
GETTEXT = ("_", "gettext", "ngettext")
# Names of programs, of formats and of licences.
NO_WORDS = {
    "Word",
    "Excel",
    "JSON",
    "PDF",
    "EPUB",
    "SKOS Turtle",
    "HTML",
    "Enter",
    "BibTeX",
    "RIS",
    "DOI",
    "CC",
    "BY",
    "NC",
    "ND",
    "SA",
    "IGO",
    "Creative Commons Zero",
    "Apache Licence",
    "Open Government Licence",
    "Creative Commons BY",
}
PAGE = "ar"
# What people wrote in the sample, and who did something there.
NAMES = {
    "Test shelf",
    "scale",
    "none",
    "ingest",
    "kmc for twins",
    "Mrs Amina Juma",
    "Skin to skin before the scale",
    "poster nobody read",
    "Newborns fed within one hour",
    "Small babies kept warm",
    "Weigh the baby after the first feed",
    "Hang a poster over the scale",
    "The first hour",
    "Out of date",
    "Why wait",
    "Ilulu",
    "Rungwe",
    "relative stays as companion",
    "Le sein dans l’heure",
    "la balance attendra",
    "test",
    "New for you",  # the title of a letter
    *("kangaroo", "mother", "care"),  # of a notation, which is the same in every language
}
SHORTENED = 12  # letters of a name that a drawing shows at least
VOID = {"meta", "link", "input", "br", "img", "hr", "col"}
SAID = "\N{OBJECT REPLACEMENT CHARACTER}"  # where an expression stands


def flat(template: nodes.Template) -> str:
    """Return what a template writes by itself: each expression is one sign."""
    pieces: list[str] = []
    for output in template.find_all(nodes.Output):
        pieces += [n.data if isinstance(n, nodes.TemplateData) else SAID for n in output.nodes]
    return re.sub(f"(</?){SAID}", r"\1h2", "".join(pieces))  # a heading whose level is said


class Words(HTMLParser):
    """Collects what readers see or hear: the text, and what is read aloud in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attrs) -> None:
        self._silent += tag in UNTRANSLATED
        self.found += [value or "" for name, value in attrs if name in READ_ALOUD]

    def handle_endtag(self, tag) -> None:
        self._silent -= tag in UNTRANSLATED

    def handle_data(self, data) -> None:
        if not self._silent:
            self.found.append(data)


def constants(node: nodes.Node, *, translated: bool = False) -> Iterator[str]:
    """Yield the strings of expressions that no call of gettext is around."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and not translated:
        yield node.value
    inside = isinstance(node, nodes.Call) and getattr(node.node, "name", "") in GETTEXT
    for child in node.iter_child_nodes(only=("value",) if isinstance(node, nodes.Pair) else None):
        yield from constants(child, translated=translated or inside)


def is_a_phrase(text: str) -> bool:
    """Tell whether a string reads like words for people: capital letter, or several words."""
    return bool(re.fullmatch(r"[A-Z][a-z’]+|[A-Za-z’]{2,}(,? [A-Za-z’]+)+[.?:]?", text.strip()))


def templates() -> list[str]:
    files = (path for path in TEMPLATES.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(TEMPLATES)) for path in files)


@pytest.mark.parametrize("name", templates())
def test_no_template_speaks_english_by_itself(name) -> None:
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(
        (TEMPLATES / name).read_text(encoding="utf-8"), name
    )
    words = Words()
    words.feed(flat(tree))
    words.close()
    left = [text.strip() for text in words.found if re.search("[A-Za-z]{2}", text)]
    left += [text for text in constants(tree) if is_a_phrase(text)]
    assert [text for text in left if text not in NO_WORDS] == []


class Pseudo(HTMLParser):
    """Collects what is in English on a page whose messages all stand in ⟦⟧.

    The page is in Arabic, so that labels and content say that they are in another language.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._labels = labels  # where nothing can say in which language they are: no fault
        self._depth = 0  # of ⟦⟧
        self._title = False
        self._exempt: list[bool] = []  # for each open element: content, or nothing for readers

    def handle_starttag(self, tag, attrs) -> None:
        said = dict(attrs)
        foreign = said.get("lang", PAGE) != PAGE or said.get("dir") == "auto" or tag == "bdi"
        self.found += ["markup in the title"] * self._title
        self._title = tag == "title"
        if tag not in VOID:
            inside = bool(self._exempt) and self._exempt[-1]
            self._exempt.append(inside or foreign or tag in UNTRANSLATED)
        for name, value in attrs:
            if name in READ_ALOUD and value and not (foreign and name == "label"):
                self._look(self._without_labels(value), depth=0)
            self.found += [f"markup in {name}"] * ("<span" in (value or ""))

    def handle_startendtag(self, tag, attrs) -> None:
        """Pass over what has no inside, such as the parts of a drawing."""

    def handle_endtag(self, tag) -> None:
        self._title = False
        if tag not in VOID:
            self._exempt.pop()

    def handle_data(self, data) -> None:
        if not (self._exempt and self._exempt[-1]):
            self._look(self._without_labels(data) if self._title else data, self._depth)
        self._depth += data.count("⟦") - data.count("⟧")

    def _without_labels(self, text: str) -> str:
        for label in self._labels:
            text = text.replace(label, "")
        return text

    def _look(self, text: str, depth: int) -> None:
        outside = ""
        for character in text:
            depth += (character == "⟦") - (character == "⟧")
            outside += " " if depth else character
        self.found += re.findall(r"[A-Za-z]{2}[A-Za-z ’]*", outside)


def is_content(text: str) -> bool:
    """Tell whether somebody wrote this, or it is a name; drawings cut short what is long."""
    return text in NO_WORDS | NAMES or (
        len(text) >= SHORTENED and any(name.startswith(text) for name in NAMES)
    )


@pytest.fixture(scope="module")
def pseudo(sample, tmp_path_factory) -> Iterator[TestClient]:
    """The sample library with a catalogue that puts every message in ⟦⟧."""
    folder = tmp_path_factory.mktemp("locale")
    catalogue = brought_up_to_date(PAGE)
    for message in catalogue:
        if message.id:
            many = isinstance(message.id, tuple)
            said = [f"⟦{one}⟧" for one in (message.id if many else (message.id,))]
            message.string = (
                (said[0], *[said[-1]] * (catalogue.num_plurals - 1)) if many else said[0]
            )
    (folder / f"{PAGE}.po").write_bytes(written(catalogue))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(i18n, "CATALOGUES", folder)
        i18n.messages.cache_clear()
        app = create_app(sample, desk=True)
        yield TestClient(
            app,
            base_url="http://127.0.0.1:8000",
            client=("127.0.0.1", 50000),
            cookies={"lang": PAGE},
        )
    i18n.messages.cache_clear()


def english(terms: Taxonomy) -> list[str]:
    """Return the English labels of the taxonomy, the longest first."""
    values = [value for facet in terms.facets.values() for value in facet]
    return sorted((one.pref["en"] for one in [*terms, *values]), key=len, reverse=True)


@pytest.mark.parametrize(
    "address", [one for shown in (PAGES | DESK_PAGES).values() for one in shown]
)
def test_every_page_says_all_it_says_in_the_language_of_its_reader(pseudo, terms, address) -> None:
    page = Pseudo(english(terms))
    page.feed(pseudo.get(address).text)
    page.close()
    assert [text for text in map(str.strip, page.found) if not is_content(text)] == []
