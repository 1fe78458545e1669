"""What a team wanted to reach: what, for whom, from where, to where, by when."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ingest.amounts import Amount, amounts_in, count_words
from ingest.periods import month_pattern
from ingest.phrases import pattern
from ingest.sentences import one_line
from ingest.told import Told, with_role
from kb.content import Aim, Evidence
from kb.vocabulary import SectionRole

LEAST_WORDS = 2  # of what is aimed at; fewer say nothing
MOST_QUALIFIED = 9  # words in which a group of people is described

# "from 35 %", "we were at 37 %": the amount that follows is where they started.
_FROM = re.compile(
    r"\b(?:from|de|du|des|depuis|desde|kutoka)\s*(?:about|around|environ|cerca de|karibu)?\s*$"
)
_WERE_AT = re.compile(
    r"\b(?:were at|was at|etions a|etait a|estabamos en|estavamos em|tulikuwa)\s*$"
)
# What stands around the thing that is aimed at, and is not part of it.
_LEADING = re.compile(
    r"^(?:[\s,.;:–—-]|\b(?:at least|at the least|at most|to|of|that|so that|raise|increase|reduce"
    r"|go|get|reach|we|wanted|aim(?:ed)?|was|is|our|and|from|less than|more than|by|the|all|be"
    r"|au moins|passer|atteindre|reduire|augmenter|que|de|d|du|des|les|la|le|l|a|et|moins|plus"
    r"|bajar|subir|aumentar|reducir|lograr|llegar|al menos|el|las|los|y|menos|mas"
    r"|chegar|testar|baixar|passar|pelo menos|o|os|as|da|do|das|dos|e|em"
    r"|kuongeza|kupunguza|kufikia|angalau|kutoka|hadi|ya|wa|za)\b['’]?)+",
)
_TRAILING = re.compile(
    r"(?:[\s,.;:–—(-]|\b(?:from|to|by|of|and|the|at|for|in|below|above|a|de|du|d|des"
    r"|et|au|sous|y|en|e"
    r"|em|da|do|para|menos|kutoka|hadi|ya|wa|kwa|less than|more than)\b)+$"
)
_PIECES = re.compile(r"[,;:](?=\s)|\s[–—-]\s|[.!?](?=\s|$)")
_STOPS = re.compile(
    r"[,;:.](?!\d)|[!?(]|(?<!who )(?<!that )(?<!qui )(?<!que )(?<!ambao )\b(?:by|meet|meets|avant"
    r"|hasta|ate|ifikapo|tengan|content|shall|should|get|gets|receive|receives|are|is|to be"
    r"|have|has|had|will|begins?"
    r"|at the|within|put|tested and|counselled|leaving|leave|tested|seen|checked|given"
    r"|soient|sont|recoivent|mis|mise|venues|testes|avec leur|sea|sean|reciba|reciban|tenga"
    r"|con anemia|sejam|seja|recebam|para|no|na|wanaonyonya|wanapata|wapate|waliopata)\b"
)


# Where an aim may be told without a heading.
_BEFORE = {
    SectionRole.OTHER, SectionRole.SUMMARY, SectionRole.CONTEXT, SectionRole.PROBLEM,
    SectionRole.CAUSES,
}  # fmt: skip


_WHERE = re.compile(r"(?:in|en|em|dans|no|na|katika|kwenye)\b")


# Kept as they are written: a conversion that is wrong looks right.
_ETHIOPIAN = (
    r"(?:meskerem|tikimt|tikemt|hidar|tahsas|tir|yekatit|megabit|miazia|miyazya|ginbot|sene|hamle"
    r"|nehase|chaitra)\b"
)


class Read(NamedTuple):
    """An aim and the passages it was read from."""

    aim: Aim | None
    evidence: tuple[Evidence, ...]


def aim_of(told: Sequence[Told], *, language: str) -> Read:
    """Return the aim: of the section that tells one, else of the first sentence that names one."""
    own = with_role(told, SectionRole.AIM)
    lines = own or _announced(told, language)
    if not lines:
        return Read(None, ())
    main = max(lines, key=lambda one: (2 * bool(amounts_in(one.folded)), bool(by_when(one.folded))))
    found = [Evidence(field="aim.text", section=one.section, quote=one.text) for one in lines]
    said = {"text": " ".join(one_line(one.text) for one in lines)}
    for name, (line, start, end) in _parts(main, lines, language).items():
        said[name] = one_line(line.text[start:end])
        found.append(line.evidence(f"aim.{name}"))
    return Read(Aim(**said), tuple(found))


def _announced(told: Sequence[Told], language: str) -> list[Told]:
    """The first sentence that says "we wanted" and an amount or a day, before any results."""
    for one in told:
        if one.role not in _BEFORE or not pattern("aim", language).search(one.folded):
            continue
        if amounts_in(one.folded) or by_when(one.folded):
            return [one]
    return []


def _parts(main: Told, lines: Sequence[Told], language: str) -> dict[str, tuple[Told, int, int]]:
    """The parts of the aim, each with the sentence and the place in it where it stands."""
    found: dict[str, tuple[Told, int, int]] = {}
    for line in (main, *lines):
        if begun := start_and_target(line.folded)[0]:
            found.setdefault("start", (line, begun.start, begun.end))
        if span := by_when(line.folded):
            found.setdefault("by_when", (line, *span))
    if target := start_and_target(main.folded)[1]:
        found["target"] = (main, target.start, target.end)
    pieces = _aimed_at(main, language)
    if pieces and (target or by_when(main.folded)):
        found["what"] = (main, *pieces[0])
    within = [(target.start, target.end)] if target else []
    for start, end in (*pieces, *within):
        if span := for_whom(main.folded, language, start, end):
            found.setdefault("for_whom", (main, *span))
    return dict(sorted(found.items()))


def start_and_target(folded: str) -> tuple[Amount | None, Amount | None]:
    """Return from where and to where: of two amounts, the one after "from" is the start."""
    amounts = amounts_in(folded)
    if not amounts:
        return None, None
    first, second = amounts[0], amounts[1] if len(amounts) > 1 else None
    before = folded[: first.start]
    if _WERE_AT.search(before):
        return first, second
    starts = _FROM.search(before) and (second or " to " in folded[first.end :])
    return (first, second) if starts else (None, first)


def by_when(folded: str) -> tuple[int, int] | None:
    """Return where in a folded text the day stands by which something is to be reached, or None.

    >>> text = "at least 19 of 21 shifts by end of july."
    >>> text[slice(*by_when(text))]
    'end of july'
    """
    match = _deadline().search(folded)
    if match is None:
        return None
    start, end = match.span("when" if match["when"] else "within")
    return start, end - folded[start:end].endswith(".")


def for_whom(folded: str, language: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the people stand whom it is for, with what describes them, or None."""
    match = pattern("people", language).search(folded, start, end)
    if match is None:
        return None
    stop = _STOPS.search(folded, match.end())
    words = _FEW_WORDS.match(folded, match.end(), stop.start() if stop else len(folded))
    whole = folded[match.start() : words.end() if words else match.end()]
    before = _DESCRIBED.search(folded[: match.start()])
    first = before.start() if before else match.start()
    return first, match.start() + len(_TRAILING.sub("", whole))


_FEW_WORDS = re.compile(rf"(?:\s*\S+){{0,{MOST_QUALIFIED}}}")
_DESCRIBED = re.compile(
    r"\b(?:live|caesarean|inborn|stable|pregnant|sick|small|preterm|newborn|admitted"
    r"|eligible|low birth ?weight"
    r"|under five)\s+$"
)


def _aimed_at(line: Told, language: str) -> list[tuple[int, int]]:
    """What is left of the sentence without amounts and day: before the target, then behind it."""
    folded = line.folded
    begun, target = start_and_target(folded)
    cut = [(one.start, one.end) for one in (begun, target) if one]
    if day := by_when(folded):
        cut.append(_with_preposition(folded, *day))
    if said := pattern("aim", language).search(folded):
        cut.append(said.span())
    pieces = [
        (first, last)
        for start, end in _left(len(folded), cut)
        for first, last in _bare_pieces(folded, start, end)
        if len(folded[first:last].split()) >= LEAST_WORDS
    ]
    if target is None:
        return sorted(pieces, key=lambda one: one[0] - one[1])[:1]
    before = [one for one in pieces if one[1] <= target.start and not _WHERE.match(folded, one[0])]
    behind = [one for one in pieces if one[0] >= target.end]
    return [*before[-1:], *behind[:1]]


def _left(length: int, cut: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    place = 0
    for start, end in sorted(cut):
        yield place, start
        place = max(place, end)
    yield place, length


def _bare_pieces(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stops = [
        *((one.start(), one.end()) for one in _PIECES.finditer(folded, start, end)),
        (end, end),
    ]
    for stop, after in stops:
        piece = folded[start:stop]
        leading = _LEADING.match(piece)
        first = start + (leading.end() if leading else 0)
        last = first + len(_TRAILING.sub("", folded[first:stop]))
        if last > first:
            yield first, last
        start = after


def _with_preposition(folded: str, start: int, end: int) -> tuple[int, int]:
    match = re.search(
        r"\b(?:by|before|until|till|in|avant|d'ici|a|en|pour|para|al|hasta|antes del?|ate|em"
        r"|ifikapo|kufikia|hadi|mpaka|kabla ya)\s+(?:the\s+|la\s+|el\s+)?$",
        folded[:start],
    )
    return (match.start() if match else start), end


@cache
def _deadline() -> re.Pattern[str]:
    month = rf"(?:{month_pattern()}|{_ETHIOPIAN})"
    year = r"(?:19|20)\d\d"
    before = (
        r"\b(?:by|before|until|till|at|in|avant|d'ici|a|en|pour|jusqu'a|hasta|antes|para"
        r"|al|a|ate|em|no"
        r"|ifikapo|kufikia|kabla\s+ya|hadi|mpaka)\s+"
    )
    end = (
        r"(?:(?:the\s+|la\s+|le\s+|el\s+|o\s+|ao\s+)?"
        r"(?:end|close|beginning|middle|fin|debut|final|fim|finales|fines|mwisho|mwishoni)"
        r"(?:\s+(?:of|du|de|d'|del|do|da|wa|mwa)(?:\s+(?:the\s+)?(?:month\s+of"
        r"|mois\s+d[e']|mes\s+de"
        r"|mwezi\s+wa|mwezi))?)?\s*)"
    )
    day = (
        r"(?:(?:le\s+|el\s+|o\s+|tarehe\s+|del?\s+)?"
        r"\d{1,2}(?:st|nd|rd|th|er|º)?\s+(?:of\s+|de\s+)?)"
    )
    dated = rf"{month}\.?(?:,?\s+(?:del?\s+|of\s+)?{year})?"
    vague = (
        rf"(?:{year}|(?:the\s+|la\s+|el\s+|o\s+)?(?:(?:first|second|third|premiere|primer|primeiro)"
        r"\s+)?(?:year|annee|ano|mwaka)\b)"
    )
    units = r"(?:months?|years?|mois|ans?|annees?|mes(?:es)?|anos?|miezi|mwaka|miaka)"
    first_day = rf"(?:the\s+)?{month}\s+\d{{1,2}}(?:,?\s+{year})?"
    return re.compile(
        rf"{before}(?:(?:de|del|la|o|le)\s+)?"
        rf"(?P<when>{end}?{day}?{dated}|{end}{vague}|{first_day}|{year}\b)"
        r"|\b(?P<within>(?:within|en|dans|dentro\s+de|em|ndani\s+ya)\s+"
        rf"(?:{count_words()})\s+{units}\b)"
    )
