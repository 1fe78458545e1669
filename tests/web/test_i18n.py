import pytest

from web.i18n import LANGUAGES, chosen

OFFERED = ("en", "fr", "pt", "ar")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-SN,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.3, pt-BR", "pt"),
        ("ar-JO", "ar"),
        ("zh-CN,zh;q=0.9,fr;q=0.1", "fr"),
        ("zh-CN", "en"),
        ("*", "en"),
        ("", "en"),
        ("fr;q=much,;;,,pt", "pt"),
        ("x" * 5000, "en"),
    ],
)
def test_the_browser_says_which_languages_its_reader_knows(accepted, language) -> None:
    assert chosen("", "", accepted, OFFERED) == language


def test_an_address_counts_more_than_a_cookie_and_both_more_than_the_browser() -> None:
    assert chosen("ar", "fr", "pt", OFFERED) == "ar"
    assert chosen("", "fr", "pt", OFFERED) == "fr"
    assert chosen("tlh", "../../etc", "pt", OFFERED) == "pt"


def test_a_page_says_its_language_and_which_way_it_is_read(client) -> None:
    answer = client.get("/about?lang=ar")
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert answer.headers["Content-Language"] == "ar"
    assert "Accept-Language, Cookie" in answer.headers["Vary"]


def test_a_choice_is_kept_for_the_next_page(client) -> None:
    assert client.get("/about?lang=fr").cookies["lang"] == "fr"
    answer = client.get("/about")
    assert '<html lang="fr" dir="ltr">' in answer.text
    assert "set-cookie" not in answer.headers


def test_what_the_browser_says_is_kept_nowhere(client) -> None:
    answer = client.get("/about", headers={"Accept-Language": "sw"})
    assert '<html lang="sw"' in answer.text
    assert "set-cookie" not in answer.headers


def test_a_browser_may_name_a_language_in_large_letters(client) -> None:
    for said in ("FR", "Fr-CA;q=0.5"):
        answer = client.get("/about", headers={"Accept-Language": said})
        assert '<html lang="fr"' in answer.text


def test_the_switch_keeps_the_page_and_its_question(client) -> None:
    text = client.get("/search?q=cold+babies&country=TZA&lang=fr").text
    for language in LANGUAGES:
        address = f"/search?q=cold+babies&amp;country=TZA&amp;lang={language}"
        assert f'hreflang="{language}" href="http://testserver{address}"' in text


def test_the_api_speaks_to_programs_and_not_to_readers(client) -> None:
    answer = client.get("/api/v1/taxonomy?lang=fr")
    assert "set-cookie" not in answer.headers
    assert "Content-Language" not in answer.headers
