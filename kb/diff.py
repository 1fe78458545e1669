"""What differs between two versions of a record: field by field, word by word, point by point."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb import content
from kb.sidebyside import Run, overlap, runs

BELONG = 0.5  # share of words in common from which two parts are one that was changed
_TOLD_ELSEWHERE = frozenset({"points", "at"})  # of a part: point by point; when, by the history
_OF_A_MACHINE = frozenset({"notation", "confidence", "source"})  # of a tag that came or went
_WITHOUT_ORDER = frozenset({"tags", "facets"})
_ABOUT_ITSELF = frozenset({"evidence"})  # where ingest read it: moves with every text


class What(StrEnum):
    """What became of a field, or of a part such as a section or a measure."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # it says the same, at another place


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the older and of the newer version; an empty one is not there."""

    old: str
    new: str

    @property
    def runs(self) -> tuple[Run, ...]:
        """Both in one text: what stayed, what went, what came."""
        return runs(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that differs."""

    field: str  # such as "title", or "body" of a part
    what: What
    value: Value


@dataclass(frozen=True, slots=True)
class PointChange:
    """One period of a measure that differs, as its numbers stand in both versions."""

    period: str  # ISO date of its first day
    label: str
    what: What
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs in one field of the record, or in one of its parts."""

    field: str  # of kb.content.Record, such as "title", "sections", "tags"
    what: What
    name: str = ""  # of the part: a heading, the name of a measure, a notation, a place
    fields: tuple[Changed, ...] = ()
    points: tuple[PointChange, ...] = ()


def diff(old: content.Record, new: content.Record) -> list[Difference]:
    """Return what differs, in the order of the fields of a record; nothing where all is the same.

    Parts belong together that are called the same (heading, name, notation, place), else those
    that have most words in common.
    """
    found: list[Difference] = []
    for field in content.Record.model_fields:
        before, after = getattr(old, field), getattr(new, field)
        if field in _ABOUT_ITSELF or _comparable(field, old) == _comparable(field, new):
            continue
        if field in _NAMES:
            found += _parts(field, before, after)
        else:
            found += _plain(field, before, after)
    return found


def merge(
    base: content.Record, mine: content.Record, theirs: content.Record
) -> tuple[content.Record, tuple[str, ...]]:
    """Return `theirs` with what `mine` changed of `base`, and the fields that both changed.

    Tags are brought together one by one. Where both changed the same, and not to the same, `mine`
    wins: whoever asks shows it first.
    """
    update: dict[str, Any] = {}
    clashes: list[str] = []
    for name in content.Record.model_fields:
        before, my, their = (_comparable(name, record) for record in (base, mine, theirs))
        if my in (before, their):
            continue
        if isinstance(my, dict):
            update[name], both = _merged(before, my, their)
        else:
            update[name], both = getattr(mine, name), their != before
        clashes += [name] if both else []
    return theirs.model_copy(update=update), tuple(clashes)


def _comparable(name: str, record: content.Record) -> Any:
    """Return a field; tags by their notation, as their order says nothing."""
    value = getattr(record, name)
    return {tag.notation: tag for tag in value} if name == "tags" else value


def _merged(
    before: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], bool]:
    """Return the parts that both ended with, and whether both changed one of them."""
    changed = [key for key in {**before, **mine} if mine.get(key) != before.get(key)]
    both = [k for k in changed if theirs.get(k) not in (before.get(k), mine.get(k))]
    merged = {**theirs, **{key: mine.get(key) for key in changed}}
    return tuple(part for part in merged.values() if part is not None), bool(both)


def said(value: Any) -> str:
    """Return a value as words: empty for none, one line for each of several."""
    match value:
        case None:
            words = ""
        case bool():
            words = "yes" if value else "no"
        case float():
            words = str(int(value)) if value.is_integer() else repr(value)
        case content.Value():
            words = said({name: getattr(value, name) for name in type(value).model_fields})
        case dict():
            told = ((name.replace("_", " "), said(one)) for name, one in value.items())
            words = "\n".join(f"{name}: {one}" for name, one in told if one)
        case tuple() | list():
            words = "\n".join(filter(None, map(said, value)))
        case _:
            words = str(value)
    return words


def _plain(field: str, before: Any, after: Any) -> Iterator[Difference]:
    value = Value(said(before), said(after))
    if value.old != value.new:
        yield Difference(field, _what(value), fields=(Changed(field, _what(value), value),))


def _what(value: Value) -> What:
    if not value.old:
        return What.ADDED
    return What.CHANGED if value.new else What.REMOVED


# What a part is called, by the field it stands in: parts of one name belong together.
_NAMES: Mapping[str, Callable[[Any], str]] = {
    "sections": lambda part: part.heading or part.role,
    "change_ideas": lambda part: part.text,
    "measures": lambda part: part.name,
    "support_activities": lambda part: part.activity,
    "support_received": lambda part: part.what,
    "support_requests": lambda part: part.text,
    "places": lambda part: (
        ", ".join(filter(None, (part.facility, part.admin2, part.admin1))) or part.country
    ),
    "tags": lambda part: part.notation,
    "facets": lambda part: f"{part.name}: {part.value}",
}


def _parts(field: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    pairs = _paired(before, after, _NAMES[field])
    moved = _moved(pairs)
    for old, new in pairs:
        at_old = None if old is None else before[old]
        at_new = None if new is None else after[new]
        difference = _part(field, at_old, at_new)
        if difference is not None:
            yield difference
        elif new in moved and field not in _WITHOUT_ORDER:
            yield Difference(field, What.MOVED, _NAMES[field](at_new))


def _part(field: str, old: Any, new: Any) -> Difference | None:
    name = _NAMES[field](new if new is not None else old)
    if old is None or new is None:
        what = What.ADDED if old is None else What.REMOVED
        return Difference(field, what, name, tuple(_fields(old, new)), tuple(_points(old, new)))
    if old == new:
        return None
    return Difference(field, What.CHANGED, name, tuple(_fields(old, new)), tuple(_points(old, new)))


def _fields(old: Any, new: Any) -> Iterator[Changed]:
    part = new if new is not None else old
    whole = old is None or new is None
    for name in type(part).model_fields:
        if name in _TOLD_ELSEWHERE or (whole and name in _OF_A_MACHINE):
            continue
        value = Value(said(getattr(old, name, None)), said(getattr(new, name, None)))
        if value.old != value.new:
            yield Changed(name, _what(value), value)


def _points(old: Any, new: Any) -> Iterator[PointChange]:
    """Yield the periods that differ; two points of one period belong together in their order."""
    before, after = _by_period(old), _by_period(new)
    for key in sorted({*before, *after}):
        a, b = before.get(key), after.get(key)
        if a == b:
            continue
        value = Value(_numbers(a), _numbers(b))
        what = What.ADDED if a is None else What.REMOVED if b is None else What.CHANGED
        there = b or a
        assert there is not None
        yield PointChange(key[0], there.label, what, value.old, value.new)


def _by_period(measure: Any) -> dict[tuple[str, int], content.Point]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], content.Point] = {}
    for point in getattr(measure, "points", ()):
        period = point.period.isoformat()
        found[period, seen[period]] = point
        seen[period] += 1
    return found


def _numbers(point: content.Point | None) -> str:
    """Return what a point says: 12/30, a value, a note; “–” for a gap, empty for no point."""
    if point is None:
        return ""
    parts = [
        f"{said(point.numerator)}/{said(point.denominator)}"
        if point.numerator is not None and point.denominator is not None
        else said(point.numerator),
        said(point.value),
        point.note,
        "provisional" if point.provisional else "",
    ]
    return " · ".join(filter(None, parts)) or "–"


def _paired(
    before: Sequence[Any], after: Sequence[Any], name: Callable[[Any], str]
) -> list[tuple[int | None, int | None]]:
    """Return which part of `before` is which of `after`, in the order of `after`."""
    partner: dict[int, int] = {}  # new → old
    _pair_by(lambda part: part, before, after, partner)
    _pair_by(name, before, after, partner)
    left = [n for n in range(len(before)) if n not in set(partner.values())]
    for new in range(len(after)):
        if new in partner or not left:
            continue
        words = said(after[new])
        best = max(left, key=lambda old: overlap(said(before[old]), words))
        if overlap(said(before[best]), words) >= BELONG:
            partner[new] = best
            left.remove(best)
    pairs: list[tuple[int | None, int | None]] = [(partner.get(n), n) for n in range(len(after))]
    for gone in left:  # told where it stood
        at = next((n for n, (old, _) in enumerate(pairs) if old is not None and old > gone), None)
        pairs.insert(len(pairs) if at is None else at, (gone, None))
    return pairs


def _pair_by(
    key: Callable[[Any], Any],
    before: Sequence[Any],
    after: Sequence[Any],
    partner: dict[int, int],
) -> None:
    taken = set(partner.values())
    free: dict[Any, deque[int]] = defaultdict(deque)
    for old, part in enumerate(before):
        if old not in taken:
            free[said(key(part))].append(old)
    for new, part in enumerate(after):
        if new not in partner and free[said(key(part))]:
            partner[new] = free[said(key(part))].popleft()


def _moved(pairs: Sequence[tuple[int | None, int | None]]) -> set[int]:
    """Return which parts of the newer version stand elsewhere: all that the longest run of parts
    in their old order leaves out.
    """
    both = [(old, new) for old, new in pairs if old is not None and new is not None]
    ends: list[int] = []  # by length of a run, the smallest place at which one ends
    chains: list[tuple[int, ...]] = []  # such a run itself, as the parts of the newer version
    for old, new in both:
        at = bisect_left(ends, old)
        chain = (*(chains[at - 1] if at else ()), new)
        ends[at : at + 1], chains[at : at + 1] = [old], [chain]
    return {new for _, new in both} - set(chains[-1] if chains else ())
