"""What a record says once one concept stands in the place of another."""

from collections.abc import Iterable, Mapping

from kb import content
from kb.vocabulary import TagStatus

Moves = Mapping[str, str]  # notation → the one that takes its place


def retagged(said: content.Record, moves: Moves) -> content.Record:
    """Return the record with tags, change ideas and support activities under the new notations."""
    ideas = tuple(
        idea.model_copy(update={"interventions": _moved(idea.interventions, moves)})
        for idea in said.change_ideas
    )
    support = tuple(
        one.model_copy(update={"intervention": moves.get(one.intervention or "", one.intervention)})
        for one in said.support_activities
    )
    tags = tuple(_tags(said.tags, moves))
    return said.model_copy(
        update={"tags": tags, "change_ideas": ideas, "support_activities": support}
    )


def _moved(notations: Iterable[str], moves: Moves) -> tuple[str, ...]:
    return tuple(dict.fromkeys(moves.get(notation, notation) for notation in notations))


def _tags(tags: Iterable[content.Tag], moves: Moves) -> list[content.Tag]:
    """Return the tags, one each: what somebody confirmed stays confirmed.

    Else the decision on the concept that stays counts: that the other one was rejected, or only
    suggested, says less of it.
    """
    kept: dict[str, content.Tag] = {}
    for tag in tags:
        if tag.notation not in moves:
            kept[tag.notation] = tag
    for tag in tags:
        if (notation := moves.get(tag.notation)) is not None:
            there = kept.get(notation)
            if there is None or _is_surer(tag, there):
                kept[notation] = tag.model_copy(update={"notation": notation})
    return list(kept.values())


def _is_surer(tag: content.Tag, there: content.Tag) -> bool:
    return tag.status is TagStatus.CONFIRMED and there.status is not TagStatus.CONFIRMED
