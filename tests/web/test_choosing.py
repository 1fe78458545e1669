"""Choosing stories in a list: plain checkboxes of one form, with and without htmx."""

import re

import pytest

from kb.vocabulary import Role


@pytest.mark.parametrize("address", ["/search?q=scale", "/search", "/topics/breastfeeding"])
def test_each_story_of_a_list_can_be_chosen(client, shelf, address) -> None:
    ids = [shelf(title=f"Scale {n}") for n in (1, 2)]
    page = client.get(address).text
    chosen = re.findall(r'<input type="checkbox" name="ids" value="(\d)" form="choose">', page)
    assert sorted(map(int, chosen)) == ids
    assert page.count('<form class="chosen" id="choose" action="/compare" hx-boost="false"') == 1
    assert '<button class="quiet" formaction="/print">' in page


def test_a_checkbox_is_called_by_the_title_of_its_story(client, shelf) -> None:
    shelf(title="Scale & <chest>")
    page = client.get("/search?q=scale").text
    label = re.search(r'<label class="choice">(.*?)</label>', page, re.DOTALL)
    assert label
    heard = re.sub(r'<span aria-hidden="true">.*?</span>', "", label[1])
    words = " ".join(re.sub(r"<[^>]+>", "", heard).split())
    assert words == "Choose: Scale &amp; &lt;chest&gt;"


def test_the_part_that_htmx_swaps_brings_the_form_with_it(client, shelf) -> None:
    shelf()
    part = client.get("/search?q=scale", headers={"HX-Request": "true"}).text
    assert 'id="choose"' in part
    assert part in client.get("/search?q=scale").text


def test_nothing_found_leaves_nothing_to_choose(client, shelf) -> None:
    shelf()
    page = client.get("/search?topic=kangaroo-mother-care").text
    assert 'id="choose"' not in page


def test_curators_alone_change_those_that_they_chose(client, shelf, signed_in) -> None:
    shelf()
    button = 'formaction="/desk/bulk"'
    assert button not in client.get("/search").text
    assert button in signed_in(Role.CURATOR).get("/search").text
