"""How bad it was at the start: a count or a percent that is told before anything was changed."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ingest.amounts import Amount, amounts_in
from ingest.periods import month_pattern
from ingest.sentences import one_line, tokens
from ingest.told import Told
from kb.content import Aim, Baseline, Evidence
from kb.vocabulary import SectionRole

FEW = 10  # counted; a share of fewer says who was trained or how many beds are broken
NEAR = 1.0  # percent points between a count and the percent that it is called
BESIDE = 40  # characters between a count and its percent
STEM = 5  # letters by which words are the same
SHORT = 4  # letters; shorter words say nothing of what is counted

_ROLES = (SectionRole.PROBLEM, SectionRole.CAUSES)
_WITHOUT_HEADING = (SectionRole.OTHER, SectionRole.CONTEXT, SectionRole.SUMMARY, SectionRole.AIM)
_ONLY = re.compile(
    r"\b(?:only|just|baseline|at the start|seulement|seuls?|solo|solamente|apenas|so|somente|tu"
    r"|pekee)\b"
)


class Read(NamedTuple):
    """A baseline and the passages it was read from."""

    baseline: Baseline | None
    evidence: tuple[Evidence, ...]


class Candidate(NamedTuple):
    """An amount and the sentence that tells it."""

    line: Told
    amount: Amount
    percent: Amount | None  # said beside the count


def baseline_of(told: Sequence[Told], aim: Aim | None, aimed: Sequence[Evidence]) -> Read:
    """Return the start: a count of the problem that fits the aim, else from where the aim goes.

    `aimed` is the evidence of the aim: nothing behind it is a start, where no heading says so.
    """
    began = _share(aim.start) if aim else None
    found = list(_candidates(_before(told, aimed)))
    best = _best(found, aim, began)
    if best:
        return _read(best)
    start = next((one for one in aimed if one.field == "aim.start"), None)
    if began is None or start is None:
        return Read(None, ())
    quote = start.model_copy(update={"field": "baseline.value"})
    return Read(Baseline(value=began), (quote,))


def _before(told: Sequence[Told], aimed: Sequence[Evidence]) -> list[Told]:
    own = [one for one in told if one.role in _ROLES]
    if own:
        return own
    end = next((n for n, one in enumerate(told) if aimed and one.text == aimed[0].quote), 0)
    return [one for one in told[:end] if one.role in _WITHOUT_HEADING]


def _candidates(lines: Sequence[Told]) -> list[Candidate]:
    found = []
    for line in lines:
        amounts = amounts_in(line.folded)
        percents = [one for one in amounts if one.percent is not None]
        for one in amounts:
            beside = next((said for said in percents if _belongs(one, said)), None)
            found.append(Candidate(line, one, beside))
    return found


def _belongs(count: Amount, percent: Amount) -> bool:
    near = min(abs(percent.start - count.end), abs(count.start - percent.end)) <= BESIDE
    return count.percent is None and near and _same(count.share, percent.share)


def _best(found: Sequence[Candidate], aim: Aim | None, began: float | None) -> Candidate | None:
    counts = [one for one in found if one.amount.denominator]
    large = [one for one in counts if (one.amount.denominator or 0) >= FEW]
    about = _stems(f"{aim.what} {aim.for_whom}") if aim else set()
    ways = (
        [one for one in counts if _same(one.amount.share, began)],
        [one for one in counts if one.percent],
        [one for one in large if len(about & _stems(one.line.text)) > 1],
        [one for one in found if one.amount.percent is not None and _same(one.amount.share, began)],
        [one for one in large if about & _stems(one.line.text) or _ONLY.search(one.line.folded)],
        [] if about else large,
    )
    return next((way[0] for way in ways if way), None)


def _read(best: Candidate) -> Read:
    line, amount, percent = best
    value = (percent or amount).percent
    said = {"value": value, "numerator": amount.numerator, "denominator": amount.denominator}
    period = _period().search(line.folded)
    words = one_line(line.text[slice(*period.span())]).rstrip(".,") if period else ""
    fields = [name for name, number in said.items() if number is not None]
    if words:
        fields.append("period")
    return Read(
        Baseline(period=words, **said),
        tuple(line.evidence(f"baseline.{name}") for name in fields),
    )


def _share(start: str) -> float | None:
    amounts = amounts_in(start.casefold())
    return amounts[0].share if amounts else None


def _same(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= NEAR


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in tokens(text) if len(word) > SHORT and not word.isdigit()}


@cache
def _period() -> re.Pattern[str]:
    """A month or months as they are written, or "the first six weeks"."""
    month, year = month_pattern(), r"(?:19|20)\d\d"
    dated = rf"{month}\.?(?:\s+(?:del?\s+)?{year})?"
    to = r"\s*(?:-|–|—|to|and|a|au|et|y|al|e|hadi|na)\s*"
    weeks = r"(?:weeks?|months?|semaines?|mois|semanas?|mes(?:es)?)"
    return re.compile(
        rf"\b(?:(?:in|from|between|during|en|entre|em|de|du|since)\s+)?{dated}(?:{to}{dated})?"
        rf"|\b(?:in\s+)?the\s+(?:first|last)\s+(?:\w+\s+)?(?:{weeks}|year)(?:\s+of\s+{year})?"
        rf"|\bles\s+(?:\w+\s+)?premier(?:e)?s\s+{weeks}(?:\s+de\s+{year})?"
        rf"|\b(?:las|as|nas|en las)\s+(?:\w+\s+)?primeras?\s+(?:\w+\s+)?{weeks}"
        rf"|\bwiki\s+\w+\s+za\s+kwanza"
    )
