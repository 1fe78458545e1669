from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.markup import TAGS, to_html, to_text


class Seen(HTMLParser):
    """The tags, attributes and links that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/pixel.gif)",
        '<img src=x onerror="alert(1)">',
        "<style>body{display:none}</style>",
        '<a href="data:text/html,<script>1</script>">x</a>',
    ],
)
def test_nothing_in_a_document_acts_in_the_reader_s_browser(hostile) -> None:
    seen = Seen()
    seen.feed(to_html(hostile))
    assert seen.tags <= TAGS
    assert seen.attributes <= {"href", "rel", "title", "scope", "start"}
    assert all(link.startswith(("https:", "http:", "mailto:")) for link in seen.links)


def test_headings_come_below_those_of_the_page() -> None:
    assert "<h3>Aim</h3>" in to_html("# Aim")
    assert "<h3>deep</h3>" in to_html("###### deep")


def test_between_headings_no_level_is_left_out() -> None:
    html = to_html("## Aim\n\n##### For whom\n\n###### When\n\n## Team")
    assert [f"<{tag}>" in html for tag in ("h3", "h4", "h5", "h6")] == [True, True, True, False]
    assert html.count("<h3>") == 2


def test_a_table_keeps_its_head() -> None:
    html = to_html("| Week | Births |\n|---|---:|\n| 1 | 22 |")
    assert '<th scope="col">Week</th>' in html
    assert "<td>22</td>" in html


@given(st.text())
def test_any_text_becomes_html_and_words(text) -> None:
    assert "<script" not in to_html(text)
    to_text(text)
