"""The search page: hits and why, filters, page and part."""

import re
from html import unescape

from kb.content import ChangeIdea, Place, Section, Tag
from kb.vocabulary import Decision, FacilityType, Naming, SectionRole, TagStatus, Verdict

HTMX = {"HX-Request": "true"}
SCRIPT = "<script>alert(1)</script>"


def confirmed(*notations: str) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


def test_a_question_finds_the_record_and_says_why(client, shelf) -> None:
    shelf()
    page = client.get("/search", params={"q": "why weigh the scale early breastfeeding"}).text
    assert "Skin to skin before the <mark>scale</mark>" in page
    assert "Words: " in page
    assert "About: Early initiation of breastfeeding" in page
    assert "1 experience for" in page


def test_rows_of_figures_alone_are_not_shown_as_the_answer(client, shelf) -> None:
    rows = "\n".join(f"| 0{n}/03/2023 | 1{n} | 19 | 6{n} |" for n in range(1, 10))
    shelf(
        title="Chest first",
        summary="Babies went to the chest before the scale.",
        sections=(Section(heading="Numbers", body=rows),),
        tags=confirmed("kangaroo-mother-care"),
    )
    page = client.get("/search", params={"q": "kangaroo mother care"}).text
    assert "Babies went to the chest before the scale." in page
    assert "03/2023" not in page
    page = client.get("/search", params={"q": "02/03/2023"}).text  # who asks for a figure sees it
    assert re.search(r"<mark>02.{,20}03.{,20}2023</mark>", page)


def test_the_part_stands_literally_in_the_page(client, shelf) -> None:
    shelf()
    whole, part = client.get("/search?q=scale"), client.get("/search?q=scale", headers=HTMX)
    assert part.text.strip() in whole.text
    assert "<html" not in part.text
    for answer in (whole, part):
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(
            re.split(r",\s*", answer.headers["vary"])
        )


def test_going_back_gives_the_whole_page(client, shelf) -> None:
    shelf()
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/search?q=scale", headers=headers).text


def test_without_a_question_the_newest_come_first(client, shelf) -> None:
    shelf(title="The older one")
    shelf(title="The newer one")
    page = client.get("/search").text
    assert page.index("The newer one") < page.index("The older one")
    assert "2 experiences" in page


def test_a_topic_counts_what_is_narrower_and_filters_by_it(client, shelf) -> None:
    shelf(title="Feeding early", tags=confirmed("early-initiation-of-breastfeeding"))
    shelf(title="Keeping warm", tags=confirmed("kangaroo-mother-care"))
    page = client.get("/search?topic=breastfeeding").text
    assert "Feeding early" in page
    assert "Keeping warm" not in page


def test_a_filter_is_one_link_to_set_and_one_to_remove(client, shelf) -> None:
    shelf(verdict=Verdict.WORKED)
    page = client.get("/search?q=scale").text
    assert 'href="/search?q=scale&amp;verdict=worked"' in page
    chosen = client.get("/search?q=scale&verdict=worked").text
    assert '<span class="hidden">Remove the filter: </span>Worked' in chosen
    assert 'href="/search?q=scale" aria-current="true"' in chosen
    assert '<input type="hidden" form="ask" name="verdict" value="worked">' in chosen


def test_several_values_of_a_filter_are_alternatives(client, shelf) -> None:
    shelf(title="In Kenya", places=(Place(country="KEN"),))
    shelf(title="In Nepal", places=(Place(country="NPL"),))
    shelf(title="In Peru", places=(Place(country="PER"),))
    page = client.get("/search?country=KEN&country=NPL").text
    assert "In Kenya" in page
    assert "In Nepal" in page
    assert "In Peru" not in page


def test_a_hit_shows_result_ideas_verdict_and_strength(client, shelf, series) -> None:
    shelf(
        measures=(series,),
        verdict=Verdict.PARTLY,
        change_ideas=(
            ChangeIdea(text="Weigh later", decision=Decision.ADOPTED),
            ChangeIdea(text="Move the scale"),
            ChangeIdea(text="A third idea stays on the record's page"),
        ),
        places=(Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),),
    )
    page = client.get("/search?q=scale").text
    assert '<bdi dir="ltr" class="pair better"><span class="from">33%</span>' in page
    assert "<strong>83%</strong>" in page
    assert "Weigh later" in page
    assert "Move the scale" in page
    assert "A third idea" not in page
    assert "Partly worked" in page
    assert "of 10" in page
    assert "Tanzania" in page


def test_worked_without_numbers_is_called_the_teams_judgement(client, shelf) -> None:
    shelf(verdict=Verdict.WORKED)
    assert "Team judgement, no data yet" in client.get("/search").text


def test_a_concept_that_was_understood_leads_to_its_page(client, shelf) -> None:
    shelf()
    page = client.get("/search", params={"q": "kangaroo mother care"}).text
    assert link_with(page, "Kangaroo mother care") == "/topics/kangaroo-mother-care"


def test_pages_are_links_that_keep_question_and_filters(client, make_record, indexed) -> None:
    for number in range(12):
        make_record(title=f"Scale story {number}")
    indexed()
    first = client.get("/search?q=scale&language=en").text
    assert 'rel="next" href="/search?q=scale&amp;language=en&amp;page=2"' in first
    second = client.get("/search?q=scale&language=en&page=2").text
    assert 'rel="prev" href="/search?q=scale&amp;language=en"' in second
    assert "Page 2 of 2" in second
    assert "Go to the first" in client.get("/search?q=scale&page=9").text


def test_markup_from_people_stays_text(client, shelf) -> None:
    shelf(
        title=f"Scale {SCRIPT}",
        summary=f"Summary {SCRIPT}",
        sections=(Section(role=SectionRole.OTHER, heading=f"H {SCRIPT}", body=f"scale {SCRIPT}"),),
        change_ideas=(ChangeIdea(text=f"Idea {SCRIPT}"),),
    )
    for address in (f"/search?q=scale {SCRIPT}", "/search", "/"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_nothing_found_says_what_to_do(client, library) -> None:
    page = client.get("/search?q=zebra&country=PER").text
    assert "Nothing here answers that yet" in page
    assert "Remove the filters" in page


def test_the_queries_of_a_page_do_not_grow_with_its_rows(
    client, make_record, indexed, queries
) -> None:
    def count() -> int:
        client.get("/search?q=scale")
        queries.clear()
        assert client.get("/search?q=scale").status_code == 200
        return len(queries)

    make_record(title="Scale one")
    indexed()
    one = count()
    for number in range(12):
        make_record(title=f"Scale {number}")
    indexed()
    assert count() == one


def link_with(page: str, words: str) -> str:
    """Return the address of the first link whose text holds the words."""
    links = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return next(
        unescape(href) for href, inside in links if words in unescape(re.sub("<[^>]*>", "", inside))
    )


def test_a_concept_of_the_question_can_be_taken_away_and_taken_back(client, shelf) -> None:
    shelf()
    page = client.get("/search", params={"q": "kangaroo mother care scale"}).text
    away = link_with(page, "Do not search for: Kangaroo mother care")
    assert away == "/search?q=kangaroo+mother+care+scale&without=kangaroo-mother-care"
    without = client.get(away).text
    assert "Do not search for: Kangaroo mother care" not in without
    assert link_with(without, "Search again for: Kangaroo mother care") == away.partition("&")[0]


def test_a_misspelt_word_is_searched_for_as_it_was_meant(client, shelf) -> None:
    shelf()
    page = client.get("/search?q=wieghing").text
    assert "Skin to skin before the scale" in page
    assert "Searched also for weighing" in page
    assert link_with(page, "weighing") == "/search?q=weighing"


def test_the_order_is_chosen_by_a_link_and_stays_with_the_next_question(client, shelf) -> None:
    shelf(title="The older scale")
    shelf(title="The newer scale")
    page = client.get("/search?q=scale").text
    assert page.index("The older") < page.index("The newer")
    newest = client.get(link_with(page, "Newest")).text
    assert newest.index("The newer") < newest.index("The older")
    assert '<input type="hidden" form="ask" name="sort" value="newest">' in newest


def test_the_third_record_of_a_facility_stands_behind_the_second(client, shelf) -> None:
    for number in range(3):
        shelf(title=f"Scale story {number}", naming=Naming.NAMED)
    shelf(title="Elsewhere", places=(Place(country="UGA"),))
    page = client.get("/search?q=scale+story").text
    assert page.count('<li class="hit">') == 3
    assert "from the same facility" in page
    every = client.get(link_with(page, "List them all")).text
    assert every.count('<li class="hit">') == 4
    assert link_with(every, "Fold those of one facility") == "/search?q=scale+story"


def test_an_answer_in_another_language_says_so(client, shelf) -> None:
    shelf(language="fr")
    assert "In French" in client.get("/search?q=how+to+weigh+with+the+scale").text
    assert "In French" not in client.get("/search?q=comment+peser+le+scale").text


def test_the_first_page_sums_up_how_others_did_it(client, shelf) -> None:
    shelf()
    page = client.get("/search?q=scale").text
    assert link_with(page, "What was tried, what did not work") == "/answer?q=scale"
    assert page.index("Weigh the baby after the first feed") < page.index('<li class="hit">')
    assert "How others did it" not in client.get("/search").text


def test_a_country_in_the_question_is_offered_as_a_filter_and_not_forced(client, shelf) -> None:
    shelf()
    shelf(title="The scale in Kampala", places=(Place(country="UGA"),))
    page = client.get("/search?q=scale+in+Uganda").text
    assert "2 experiences" in page
    chosen = link_with(page, "Filter by: Uganda")
    assert chosen == "/search?q=scale+in+Uganda&country=UGA"
    assert "1 experience " in client.get(chosen).text
    assert "Filter by: Uganda" not in client.get(chosen).text


def test_when_little_is_found_a_wider_search_is_offered(client, shelf) -> None:
    shelf()
    shelf(title="The scale in Kampala", places=(Place(country="UGA"),))
    page = client.get("/search?q=scale&country=UGA").text
    assert link_with(page, "Without Uganda") == "/search?q=scale"


def test_narrower_topics_show_below_the_one_that_is_chosen_and_take_its_place(
    client, shelf
) -> None:
    shelf(tags=confirmed("early-initiation-of-breastfeeding"))
    page = client.get("/search?q=scale").text
    broad = link_with(page, "Essential newborn care")
    assert broad == "/search?q=scale&topic=essential-newborn-care"
    assert "topic=breastfeeding" not in page
    narrower = link_with(client.get(broad).text, "Breastfeeding")
    assert narrower == "/search?q=scale&topic=breastfeeding"
    page = client.get(narrower).text
    assert link_with(page, "Early initiation").endswith("=early-initiation-of-breastfeeding")
    assert '<a href="/search?q=scale&amp;topic=essential-newborn-care" aria-current="true">' in page
