"""Numbers of one to four people, and dates of rare deaths: kept back in what readers see.

With a small place and a month, a count of 1 to 4 may tell who it was (UK guidance calls it jigsaw
identification, domain/users.md 5.7). What is kept back must not come back by arithmetic: the value
goes with its count, the rest of a death count with it, and a middle value is told only where no
number that is kept back decides it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from statistics import mean, median
from typing import TypeAlias

from kb import content
from kb.folding import plain
from kb.vocabulary import Cadence, MeasureType, Naming, Suppressed, Unit

FEWEST = 5  # people; fewer are not told, but that nobody is
SMALL_FACILITY = 50  # births a month
LENGTHS = frozenset({Unit.DAYS, Unit.MINUTES})
NO_PATIENTS = frozenset({MeasureType.ACTIVITY, MeasureType.STRUCTURE})  # visits, staff, beds
ENDLESS = Fraction(10**12)  # as far as anybody can tell
FACTORS = (1, 100, 1_000, 10_000, 100_000)  # of a rate: per so many
MONTHS_OF_A_QUARTER = 3
# Words for death and for living on, folded, in the five languages and Arabic.
DEATHS = re.compile(
    r"\b(deaths?|dead|died|dies|dying|mortality|stillb\w+|fatal\w*|surviv\w+"
    r"|deces|decede\w*|morts?|mortes?|mortalite|mortinai\w+|mort[- ]nes?|letalite|survi\w*"
    r"|muert\w+|mortalidad|fallec\w+|defuncion\w*|mortinat\w+|letalidad|superviv\w+|sobreviv\w+"
    r"|mortalidade|obitos?|faleci\w+|natimort\w+|letalidade"
    r"|vifo|kifo|waliokufa|aliyekufa|wafu|alifariki|waliofariki|kunusurika)\b"
    r"|وفاه|وفاة|وفيات|مواليد متوفين|بقاء على قيد"
)
Kept: TypeAlias = tuple[
    float | None, float | None, float | None, str
]  # count, out of, value, period
OF = r"\s*(?:/|of|out of|sur|de|des|kati ya|من)\s*(?:the\s+)?"


def is_small(count: float | None) -> bool:
    """Tell whether so few people were counted that it may tell who they were."""
    return count is not None and 0 < count < FEWEST


def about_deaths(measure: content.Measure) -> bool:
    """Tell whether the measure counts who died, or who lived."""
    said = f"{measure.name} {measure.numerator_text} {measure.denominator_text}"
    return DEATHS.search(plain(said)) is not None


def rare_deaths(
    measures: Iterable[content.Measure], naming: Naming, context: Mapping[str, str]
) -> bool:
    """Tell whether deaths of a small facility are counted, so that dates and place go coarse.

    Small is fewer than 50 births a month. Where nobody says how large it is, a facility that
    does not want to be named counts as small.
    """
    number = re.search(r"\d+", context.get("monthly_births", ""))
    small = int(number.group()) < SMALL_FACILITY if number else naming is not Naming.NAMED
    return small and any(about_deaths(measure) for measure in measures)


def shown(measure: content.Measure, *, rare: bool) -> content.Measure:
    """Return the measure as readers may see it; `rare` is what `rare_deaths` says of the record."""
    deaths = about_deaths(measure)
    if deaths and rare:
        measure = by_quarter(measure)
    if measure.type in NO_PATIENTS:
        return measure
    points = tuple(_shown(point, measure.unit, deaths=deaths) for point in measure.points)
    return measure if points == measure.points else measure.model_copy(update={"points": points})


def baseline(said: content.Baseline | None) -> content.Baseline | None:
    """Return where it began without numbers of one to four people."""
    if said is None or not (is_small(said.numerator) or is_small(said.denominator)):
        return said
    whole = None if is_small(said.denominator) else said.denominator
    return said.model_copy(update={"value": None, "numerator": None, "denominator": whole})


def by_quarter(measure: content.Measure) -> content.Measure:
    """Return the measure with one point a quarter: counts are added up, other values averaged."""
    points = []
    for first, some in groupby(measure.points, key=lambda point: quarter(point.period)):
        told = [point for point in some if point.exact(measure.unit) is not None]
        label = f"Q{(first.month + 2) // MONTHS_OF_A_QUARTER} {first.year}"
        points.append(_together(told, first, label, measure.unit))
    update = {"points": tuple(points), "baseline_points": None, "phases": ()}
    return measure.model_copy(update=update | {"cadence": Cadence.QUARTER})


def quarter(day: date) -> date:
    """Return the first day of the quarter.

    >>> quarter(date(2024, 6, 30))
    datetime.date(2024, 4, 1)
    """
    return date(day.year, (day.month - 1) // MONTHS_OF_A_QUARTER * MONTHS_OF_A_QUARTER + 1, 1)


def bounds(point: content.Point, unit: Unit) -> tuple[Fraction, Fraction] | None:
    """Return above and below which values the point lies; None for a gap.

    Both are the value itself where it is told; `ENDLESS` where nobody can tell.
    """
    value = point.exact(unit)
    if value is not None:
        return value, value
    if point.suppressed is Suppressed.NOTHING:
        return None
    if unit is Unit.COUNT:
        return Fraction(0), Fraction(FEWEST)
    if unit is not Unit.PERCENT:
        return Fraction(0), ENDLESS
    if point.suppressed is Suppressed.FEW and point.denominator:
        return Fraction(0), Fraction(100 * FEWEST) / Fraction(str(point.denominator))
    return Fraction(0), ENDLESS


def reworded(text: str, hidden: Sequence[Kept]) -> str:
    """Return the text with counts that are kept back (`kept`) taken out of it: “<5 of 41”.

    In a table, the row of such a point; in a sentence, a count with what it is out of. What a
    sentence says in other words stays.
    """
    if not hidden or not any(character.isdigit() for character in text):
        return text
    lines = [
        _row(line, hidden) if line.lstrip().startswith("|") else _sentence(line, hidden)
        for line in text.split("\n")
    ]
    return "\n".join(lines)


def _shown(point: content.Point, unit: Unit, *, deaths: bool) -> content.Point:
    n, d = point.numerator, point.denominator
    counted = unit not in LENGTHS
    few = counted and (is_small(n) or (n is None and unit is Unit.COUNT and is_small(point.value)))
    rest = deaths and counted and n is not None and d is not None and is_small(d - n)
    if not (few or rest or is_small(d)):
        return point
    none = n == 0  # of few people, none: that tells of nobody
    return point.model_copy(
        update={
            "numerator": 0.0 if none and not rest else None,
            "denominator": None if is_small(d) or rest else d,
            "value": 0.0 if none and not rest else None,
            "note": "",
            "suppressed": Suppressed.FEW if few or not rest else Suppressed.REST,
        }
    )


def _together(told: list[content.Point], first: date, label: str, unit: Unit) -> content.Point:
    if not told:
        return content.Point(period=first, label=label)
    provisional = any(point.provisional for point in told)
    if all(point.numerator is not None and point.denominator is not None for point in told):
        n = sum(point.numerator or 0 for point in told)
        d = sum(point.denominator or 0 for point in told)
        value = _rate(told, n, d) if unit is Unit.RATE else None
        return content.Point(
            period=first,
            label=label,
            numerator=n,
            denominator=d,
            value=value,
            provisional=provisional,
        )
    values = [exact for point in told if (exact := point.exact(unit)) is not None]
    whole = sum(values) if unit is Unit.COUNT else mean(values)
    return content.Point(period=first, label=label, value=float(whole), provisional=provisional)


def _rate(told: Iterable[content.Point], n: float, d: float) -> float | None:
    """Return the rate of the sums, per as many as those of the points were."""
    per = [
        p.value * p.denominator / p.numerator
        for p in told
        if p.value and p.numerator and p.denominator
    ]
    if not per or not d:
        return None
    factor = min(FACTORS, key=lambda one: abs(one - median(per)))
    return round(n / d * factor, 2)


def kept(measures: Iterable[tuple[content.Measure, content.Measure]]) -> Iterator[Kept]:
    """Yield what is kept back of pairs of what was counted and what of it is shown."""
    for counted, seen in measures:
        few = {point.period for point in seen.points if point.suppressed is not Suppressed.NOTHING}
        if not few:
            continue
        coarse = len(counted.points) != len(seen.points) or seen.cadence is not counted.cadence
        for point in counted.points:
            if point.period in few or (coarse and quarter(point.period) in few):
                yield point.numerator, point.denominator, point.value, plain(point.label)


def _row(line: str, hidden: Iterable[Kept]) -> str:
    cells = line.split("|")
    said = [plain(cell.strip(" *_")) for cell in cells]
    for pair in hidden:
        n, d, _, label = pair
        count, whole = _written(n), _written(d)
        here = (label and label in said) or (count and whole and count in said and whole in said)
        for at, cell in enumerate(said if here else ()):
            if cell == count or (cell == whole and is_small(d)):
                cells[at] = cells[at].replace(cells[at].strip(), f"<{FEWEST}")
            elif cell != whole and _is_value(cell.rstrip(" %"), pair):
                cells[at] = cells[at].replace(cells[at].strip(), "–")
    return "|".join(cells)


def _sentence(line: str, hidden: Iterable[Kept]) -> str:
    for n, d, _, _ in hidden:
        if n is None or d is None:
            continue
        count, whole = _written(n), _written(d)
        told = f"<{FEWEST}" if is_small(n) else "…"
        pattern = rf"(?<![\d.,]){count}({OF}){whole}(?![\d.,]?\d)(?:\s*\(\s*[\d.,]+\s?%\s*\))?"
        line = re.sub(pattern, rf"{told}\g<1>{whole}", line)
    return line


def _is_value(written: str, pair: Kept) -> bool:
    """Tell whether a cell is the value that a count gives, or its share rounded to its places."""
    n, d, value, _ = pair
    try:
        number = float(written.replace(",", "."))
    except ValueError:
        return False
    if number == value:
        return True
    places = len(written.replace(",", ".").partition(".")[2])
    return bool(n is not None and d and number == round(100 * n / d, places))


def _written(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
