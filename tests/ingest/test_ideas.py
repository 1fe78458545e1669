"""Change ideas: set apart by headings, bold leads, lists, tables and numbers."""

from datetime import date

import pytest

from ingest.ideas import decision_in, ideas_of
from kb.content import Section
from kb.vocabulary import Decision, RecordType, SectionRole, Verdict

WORK = (date(2023, 1, 1), date(2023, 12, 1))


def _ideas(body, heading="Changes", **more):
    section = Section(role=SectionRole.CHANGES, heading=heading, body=body)
    return ideas_of([section], **more).ideas


def test_each_sub_heading_is_an_idea():
    found = _ideas(
        "### Move the scale to the next room\n\nA.\n\n### Ask the relative to help\n\nB."
    )
    assert [idea.text for idea in found] == [
        "Move the scale to the next room",
        "Ask the relative to help",
    ]
    assert [idea.steps for idea in found] == ["A.", "B."]


def test_a_short_name_is_told_with_its_first_sentence():
    found = _ideas("**The board.** We drew the outline of each thing. Paint.\n\n**The bell.** No.")
    assert found[0].text == "The board: We drew the outline of each thing"


def test_each_item_of_a_list_is_an_idea():
    found = _ideas("1. Move the scale. It was far.\n2. Ask the relative to hold the baby.\n")
    assert [idea.text for idea in found] == [
        "Move the scale",
        "Ask the relative to hold the baby",
    ]


def test_each_row_of_a_table_of_ideas_is_an_idea():
    body = "| Ideia | Decisão |\n|---|---|\n| Aviso de alta | mantida |\n| Grupo | largada |\n"
    found = _ideas(body)
    assert [(idea.text, idea.decision) for idea in found] == [
        ("Aviso de alta", Decision.ADOPTED),
        ("Grupo", Decision.ABANDONED),
    ]


def test_what_became_of_an_idea_is_read_from_a_table_with_more_columns():
    body = (
        "| Change idea | PDSA cycles | Result |\n|---|---|---|\n"
        "| Skin-to-skin before cord clamping | 3 | Adopted |\n"
        "| Prompt on the delivery checklist | 2 | Adapted |\n"
        "| Companion counselling at admission | 1 | Abandoned |\n"
    )
    section = Section(role=SectionRole.CHANGES, body=body)
    found = ideas_of([section], language="en")
    assert [idea.decision for idea in found.ideas] == [
        Decision.ADOPTED,
        Decision.ADAPTED,
        Decision.ABANDONED,
    ]
    assert found.ideas[0].steps == "PDSA cycles: 3 · Result: Adopted"
    decided = [one.quote for one in found.evidence if one.field.endswith(".decision")]
    assert decided == ["Adopted", "Adapted", "Abandoned"]


def test_numbered_headings_are_ideas_each():
    sections = [
        Section(role=SectionRole.CHANGES, heading=f"Change {n}: the {what}", body="It was hung up.")
        for n, what in enumerate(("cards", "poster"), 1)
    ]
    assert [idea.text for idea in ideas_of(sections).ideas] == [
        "The cards: It was hung up",
        "The poster: It was hung up",
    ]


def test_in_a_text_without_headings_the_ordinals_set_ideas_apart():
    body = "We were late.\n\nFirst, the health posts got tests.\n\nThen came the forums of women.\n"
    found = ideas_of([Section(role=SectionRole.OTHER, body=body)])
    assert len(found.ideas) == 2


def test_in_a_change_package_every_marked_part_is_an_idea():
    body = "**A1 Two towels on the bed.** Dry.\n\n**A2 Fan off when the head is seen.** Hot.\n"
    found = ideas_of(
        [Section(role=SectionRole.OTHER, heading="A. Warm", body=body)],
        record_type=RecordType.CHANGE_PACKAGE,
    )
    assert [idea.text for idea in found.ideas] == [
        "Two towels on the bed",
        "Fan off when the head is seen",
    ]


def test_a_date_in_the_lead_is_when_the_idea_started():
    found = _ideas(
        "### The corner (from 16 May)\n\nA.\n\n### The relative helps\n\nB.", within=WORK
    )
    assert [idea.started for idea in found] == [date(2023, 5, 16), None]


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("We stopped after five weeks.", Decision.ABANDONED),
        ("Abandonné, et personne ne le regrette.", Decision.ABANDONED),
        ("Lo dejamos en marzo.", Decision.ABANDONED),
        ("Kisha tuliacha.", Decision.ABANDONED),
        ("So we changed it to Fridays.", Decision.ADAPTED),
        ("Nous avons donc changé.", Decision.ADAPTED),
        ("It was adopted by all.", Decision.ADOPTED),
        ("Foi mantida.", Decision.ADOPTED),
        ("A chair with a back.", Decision.PENDING),
        ("The share rose from 30% to 90%.", Decision.PENDING),
    ],
)
def test_a_decision_is_taken_from_words_that_say_it(words, decision):
    assert decision_in(words) is decision


def test_no_idea_is_said_to_have_worked():
    found = _ideas("### The scale\n\nIt worked very well, from 3% to 90%.\n\n### The bell\n\nB.")
    assert {idea.verdict for idea in found} == {Verdict.NOT_REPORTED}


def test_what_is_said_not_to_have_worked_did_not():
    found = _ideas("### The poster\n\nIt did not work.\n\n### The bell\n\nB.")
    assert found[0].verdict is Verdict.DID_NOT_WORK


def test_a_text_that_sets_nothing_apart_has_no_ideas():
    found = ideas_of([Section(role=SectionRole.OTHER, body="We were late.\n\nIt rained.")])
    assert found == ((), ())


def test_parts_numbered_in_one_paragraph_are_ideas():
    body = "(1) SP swallowed at the table, before the nurse. (2) Tins counted by phone on Monday."
    assert [idea.text for idea in _ideas(body)] == [
        "SP swallowed at the table, before the nurse",
        "Tins counted by phone on Monday",
    ]


def test_running_prose_tells_what_was_tried_and_since_when():
    body = (
        "Our year was hard. From December we call the number in front of her. It helped little. "
        "We introduced a red card in March. Nobody liked it."
    )
    section = Section(role=SectionRole.OTHER, body=body)
    found = ideas_of([section], within=WORK, language="en").ideas
    assert [(idea.text, idea.started) for idea in found] == [
        ("From December we call the number in front of her", date(2023, 12, 1)),
        ("We introduced a red card in March", date(2023, 3, 1)),
    ]


def test_a_month_in_the_lead_is_when_the_idea_started():
    first, second = _ideas(
        "**PDSA 4, March, handover at the table.** The nurse reads.\n\n**Bell (July).** It rings.",
        within=WORK,
    )
    assert (first.started, second.started) == (date(2023, 3, 1), date(2023, 7, 1))


def test_the_day_on_which_an_idea_was_given_up_is_its_end():
    (poster, _) = _ideas(
        "### Poster (6 February)\n\nIt hung. We stopped it on 14 April.\n\n### Bell\n\nB.",
        within=WORK,
    )
    assert (poster.started, poster.ended) == (date(2023, 2, 6), date(2023, 4, 14))


@pytest.mark.parametrize(
    ("language", "body", "who"),
    [
        ("en", "In March the ward clerk walks round with the oximeter.", "ward clerk"),
        ("fr", "La matrone reste près de la mère.", "matrone"),
        ("es", "La obstetra llama a la familia.", "obstetra"),
        ("pt", "A enfermeira conta os kits.", "enfermeira"),
        ("sw", "Mkunga anapima joto la mtoto.", "Mkunga"),
    ],
)
def test_who_did_it_is_the_role_that_acts(language, body, who):
    first, _ = _ideas(f"### A\n\n{body}\n\n### B\n\nB.", language=language)
    assert first.who_did_it == who


@pytest.mark.parametrize("body", ["The midwife said no.", "The nurses are few.", "It rang."])
def test_who_only_speaks_or_is_there_did_not_do_it(body):
    first, _ = _ideas(f"### A\n\n{body}\n\n### B\n\nB.", language="en")
    assert first.who_did_it == ""


def test_an_idea_that_a_section_on_failures_names_did_not_work():
    sections = [
        Section(
            role=SectionRole.CHANGES,
            heading="Changes",
            body="**The poster.** We hung it.\n\n**The bell.** It rings.",
        ),
        Section(
            role=SectionRole.DID_NOT_WORK,
            heading="What did not work",
            body="Much. The poster hid the clock.",
        ),
    ]
    found = ideas_of(sections, language="en")
    assert [idea.verdict for idea in found.ideas] == [Verdict.DID_NOT_WORK, Verdict.NOT_REPORTED]
    why = [one for one in found.evidence if one.field == "change_ideas.0.verdict"]
    assert [(one.section, one.quote) for one in why] == [(1, "The poster hid the clock.")]


def test_a_difficulty_is_not_said_to_have_failed():
    sections = [
        Section(
            role=SectionRole.CHANGES, heading="Changes", body="**The bell.** A.\n\n**Tea.** B."
        ),
        Section(role=SectionRole.DID_NOT_WORK, heading="Difficulties", body="The bell was stolen."),
    ]
    found = ideas_of(sections, language="en").ideas
    assert {idea.verdict for idea in found} == {Verdict.NOT_REPORTED}


def test_every_filled_field_has_a_passage_of_the_section():
    body = "### Bell (from 16 May)\n\nThe clerk rings it. We kept it.\n\n### Tea\n\nIt failed."
    section = Section(role=SectionRole.CHANGES, heading="Changes", body=body)
    found = ideas_of([section], within=WORK, language="en")
    fields = {one.field for one in found.evidence}
    parts = ("text", "steps", "started", "who_did_it", "decision")
    assert {f"change_ideas.0.{part}" for part in parts} <= fields
    assert all(one.quote in body for one in found.evidence)
