"""Numbers of a story, week by week: what a form says, how it is read, and the chart that grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ingest import pasted, story
from ingest.pasted import Doubt, Understood
from ingest.questions import Question
from kb.models import StoryDraft
from web import story as screens
from web.followed import Followed, followed
from web.forms import Form
from web.names import Names
from web.pictures.scale import NARROW

EMPTY_ROWS = 3  # below those that are filled
FIRST_ROWS = 4
WEEK = range(6, 9)  # days from one period to the next
MONTH = range(28, 32)


@dataclass(frozen=True, slots=True)
class Grown:
    """What was understood of the numbers, and the chart they make; None while there is none."""

    rows: tuple[Understood, ...]
    chart: Followed | None

    @property
    def doubts(self) -> list[tuple[str, Doubt]]:
        """Each doubt, with the period of its row as it was written."""
        return [(row.said[0], doubt) for row in self.rows for doubt in row.doubts]


def said(
    draft: StoryDraft, question: Question, number: int, form: Form
) -> tuple[dict[str, Any], str | None]:
    """Return what a form says of one measure; and which pasted columns were left out.

    None in the place of columns: nothing was understood of what was pasted.
    """
    kind, code = screens.kind_of(draft), story.numbers_code(question, number)
    answers: dict[str, Any] = {
        one.code: form.text(one.code) for one in screens.block(kind, question, number, {}, "en")
    }
    rows = _trimmed([_row(form, n) for n in range(pasted.MOST_ROWS)])
    if not rows and not {"p0", "a0", "b0"} & form.fields.keys():  # a form without its table
        rows = draft.answers.get(code, [])
    cells, left = form.text("cells"), ""
    if cells:
        found = pasted.paste(cells)
        if not found.rows:
            return {**answers, code: rows}, None
        rows = [list(row) for row in pasted.merged(rows, found.rows)]
        answers = _named(answers, question, number, found)
        left = next((one.about for one in found.doubts), "")
    return {**answers, code: rows}, left


def shown(
    draft: StoryDraft,
    question: Question,
    number: int,
    answers: Mapping[str, Any],
    *,
    names: Names,
    language: str,
) -> dict[str, Any]:
    """Return what the screen of a measure shows: its boxes, its rows and empty ones, its chart."""
    kind, code = screens.kind_of(draft), story.numbers_code(question, number)
    rows = [_shown(row) for row in answers.get(code, ())]
    read = pasted.understand(answers.get(code, ()))
    following = [(when, "", "", "") for when in _following([one.period for one in read])]
    empty = EMPTY_ROWS if rows else FIRST_ROWS
    return {
        "fields": screens.block(kind, question, number, answers, language),
        "rows": rows + (following or [("", "", "", "")] * empty),
        "grown": grown(draft, question, number, answers, names),
    }


def grown(
    draft: StoryDraft, question: Question, number: int, answers: Mapping[str, Any], names: Names
) -> Grown:
    """Return what was understood of the numbers in one block, with their chart."""
    kind, code = screens.kind_of(draft), story.numbers_code(question, number)
    rows = tuple(pasted.understand(answers.get(code, ())))
    inside = {one.code for one in kind.inside(question)}
    others = {
        code: words
        for code, words in answers.items()
        if (place := story.place(code))
        and (place.code not in inside or place.number in {0, number})
    }
    found = (
        followed(story.record_of(kind, draft.language, others), names, (NARROW,)) if rows else []
    )
    return Grown(rows, found[0] if found else None)


def _row(form: Form, n: int) -> list[str]:
    return list(
        pasted.typed(form.text(f"p{n}"), form.text(f"a{n}"), form.text(f"b{n}"), form.text(f"n{n}"))
    )


def _trimmed(rows: Sequence[list[str]]) -> list[list[str]]:
    """Leave out what nobody filled in: rows without anything, and periods offered at the end."""
    kept = [row for row in rows if any(row)]
    while kept and not any(kept[-1][1:]):
        kept.pop()
    return kept


def _shown(row: Sequence[str]) -> tuple[str, str, str, str]:
    """Return period, how many, out of how many and note; a value stands under how many."""
    period, numerator, denominator, value, note = [*row, *[""] * 5][:5]
    return period, numerator or value, denominator, note


def _following(periods: Sequence[date | None]) -> list[str]:
    """Return the next periods where they are weeks or months; none where nobody can tell."""
    known = sorted({one for one in periods if one is not None})
    if len(known) < 2:  # noqa: PLR2004
        return []
    last, days = known[-1], (known[-1] - known[-2]).days
    if days in WEEK:
        return [f"{last + timedelta(weeks=n)}" for n in range(1, EMPTY_ROWS + 1)]
    if days in MONTH and last.day == 1:
        months = [last.month - 1 + n for n in range(1, EMPTY_ROWS + 1)]
        return [f"{last.year + month // 12}-{month % 12 + 1:02}" for month in months]
    return []


def _named(
    answers: dict[str, Any], question: Question, number: int, found: pasted.Pasted
) -> dict[str, Any]:
    """Call the measure and its counts as the columns are called, where nobody named them."""
    keys = {part.key: n for n, part in enumerate(question.parts)}
    heads = {"numerator_text": found.numerator, "denominator_text": found.denominator}
    heads["name"] = found.numerator
    given = {
        question.code_of(number, "abcdefghijklmnopqrstuvwxyz"[keys[key]]): words
        for key, words in heads.items()
        if words and key in keys
    }
    return answers | {code: words for code, words in given.items() if not answers.get(code)}
