import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.markup import to_html, to_text


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
    html = to_html(hostile).casefold()
    for sign in ("<script", "<img", "<style", 'href="javascript', 'href="data', 'onerror="'):
        assert sign not in html


def test_headings_come_below_those_of_the_page() -> None:
    assert "<h3>Aim</h3>" in to_html("# Aim")
    assert "<h6>deep</h6>" in to_html("###### deep")


def test_a_table_keeps_its_head() -> None:
    html = to_html("| Week | Births |\n|---|---:|\n| 1 | 22 |")
    assert '<th scope="col">Week</th>' in html
    assert "<td>22</td>" in html


@given(st.text())
def test_any_text_becomes_html_and_words(text) -> None:
    assert "<script" not in to_html(text)
    to_text(text)
