"""The parts of a record in the order of somebody who wants to do the same."""

from datetime import date

import pytest

from kb import content, scores
from kb.vocabulary import Naming, ResourceNeed, SectionRole, Unit
from web import telling

EMPTY = content.Record(title="Nothing but a title")


def section(role: SectionRole, body: str = "Some words.") -> content.Section:
    return content.Section(role=role, body=body)


def test_every_section_stands_in_one_place_and_none_is_lost() -> None:
    said = content.Record(title="All", sections=tuple(map(section, SectionRole)))
    told = telling.parts(said)
    placed = [
        *told.why, *told.not_worked, *told.how, *told.cost, *told.support, *told.rest,
    ]  # fmt: skip
    assert sorted(one.section.role for one in placed) == sorted(SectionRole)
    assert len({one.anchor for one in placed}) == len(placed)


def test_a_record_that_says_nothing_has_no_blocks() -> None:
    assert telling.blocks(EMPTY, telling.parts(EMPTY)) == {}


@pytest.mark.parametrize(
    ("said", "anchor"),
    [
        ({"change_ideas": (content.ChangeIdea(text="Weigh later"),)}, "tried"),
        ({"sections": (section(SectionRole.DID_NOT_WORK),)}, "not-worked"),
        ({"logistics": {"who": "the midwife"}}, "how"),
        ({"team_roles": ("midwife",)}, "how"),
        ({"sections": (section(SectionRole.TEAM),)}, "how"),
        ({"cost": content.Cost(amount=0)}, "cost"),
        ({"resource_need": ResourceNeed.LOW}, "cost"),
        ({"support_received": (content.SupportReceived(what="A bus"),)}, "support"),
        ({"support_requests": (content.SupportRequest(text="Gloves"),)}, "support"),
    ],
)
def test_one_thing_said_is_enough_for_its_block(said, anchor) -> None:
    record = EMPTY.model_copy(update=said)
    assert list(telling.blocks(record, telling.parts(record))) == [anchor]


def test_empty_cost_and_unknown_logistics_make_no_block() -> None:
    said = EMPTY.model_copy(
        update={"cost": content.Cost(), "logistics": {"who": "", "weather": "hot"}}
    )
    assert telling.blocks(said, telling.parts(said)) == {}


def test_the_cost_is_not_said_twice() -> None:
    cost = content.Cost(text="White tape: **4,000** shillings.")
    body = "We used white tape, 4 000 shillings.\n\n- White tape: 4,000 shillings."
    said = EMPTY.model_copy(update={"cost": cost, "sections": (section(SectionRole.COST, body),)})
    assert telling.cost_text(said, telling.parts(said)) == ""
    elsewhere = EMPTY.model_copy(update={"cost": cost})
    assert telling.cost_text(elsewhere, telling.parts(elsewhere)) == cost.text
    assert telling.cost_text(EMPTY, telling.parts(EMPTY)) == ""


def test_help_is_not_asked_for_twice() -> None:
    asked = tuple(content.SupportRequest(text=text) for text in ("Gloves, two boxes.", "A bus"))
    body = "We still need:\n\n- gloves, two boxes"
    said = EMPTY.model_copy(
        update={"support_requests": asked, "sections": (section(SectionRole.SUPPORT, body),)}
    )
    assert telling.support(said, telling.parts(said)).requests == asked[1:]
    alone = EMPTY.model_copy(update={"support_requests": asked})
    assert telling.support(alone, telling.parts(alone)).requests == asked


def test_a_summary_of_its_own_is_shown_whole() -> None:
    said = EMPTY.model_copy(update={"summary": "One. " * 100})
    assert telling.lead(said) == said.summary


def test_a_summary_that_the_text_repeats_is_cut_at_a_sentence() -> None:
    summary = "Babies were cold in the night. " * 12
    said = EMPTY.model_copy(
        update={
            "summary": summary,
            "sections": (section(SectionRole.OTHER, f"Dear all, {summary}"),),
        }
    )
    shown = telling.lead(said)
    assert len(shown) <= telling.LEAD
    assert shown.endswith("night.")
    assert summary.startswith(shown)


def test_the_size_of_a_place_is_said_only_where_it_is_named() -> None:
    said = EMPTY.model_copy(update={"context_numbers": {"beds": "12", "secret": "1"}})
    for naming in Naming:
        shown = telling.sizes(said.model_copy(update={"naming": naming}))
        assert bool(shown) is (naming is Naming.NAMED)


def test_there_is_advice_for_everything_that_may_be_missing() -> None:
    assert set(telling.ADVICE) == set(scores.completeness(EMPTY).missing)


def test_the_reach_of_a_measure_leaves_out_its_gaps() -> None:
    points = (
        content.Point(period=date(2024, 1, 1), numerator=3, denominator=10),
        content.Point(period=date(2024, 2, 1), numerator=4, denominator=12),
        content.Point(period=date(2024, 3, 1)),
    )
    reach = telling.extent(content.Measure(name="Fed", points=points))
    assert reach == (date(2024, 1, 1), date(2024, 2, 1), 2, 22)


def test_who_was_counted_is_said_only_where_every_point_says_it() -> None:
    points = (
        content.Point(period=date(2024, 1, 1), numerator=3, denominator=10),
        content.Point(period=date(2024, 2, 1), value=40),
    )
    reach = telling.extent(content.Measure(name="Fed", points=points))
    assert reach is not None
    assert reach.n_counted is None
    assert telling.extent(content.Measure(name="Fed", unit=Unit.COUNT)) is None
