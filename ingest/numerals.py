"""Cells of a table to numbers: counts, percents, "12 of 30", gaps, and the marks beside them."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.sentences import fold
from kb.vocabulary import Unit

LONGEST = 60  # characters; a longer cell is a remark
LONGEST_LABEL = 300  # characters of what may bear the mark of a footnote
_WHOLE_NUMBER = re.compile(r"\d{1,12}")
ENOUGH = 4  # numbers such as 1,421 in a table, and none such as 1,4
NEAR = 20.0  # times the usual size of a column: beyond, a number was read wrongly

_EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|__|_|`)(?=\S)([^*_`]{1,60})(?<=\S)\1")
_SIGNS = "*†‡§¶#"
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
MARK = rf"[{re.escape(_SIGNS)}]{{1,3}}|[{_SUPERSCRIPT}]{{1,2}}|\[\w{{1,2}}\]|\((?:[a-h]|\d)\)"
_MARK_AT_END = re.compile(rf"\s{{0,2}}({MARK})$")
_LETTER_AT_END = re.compile(r"(?<=[\d%])\s?([a-h])\)?$")
_PLAIN_SCRIPT = str.maketrans(_SUPERSCRIPT, "0123456789abcde")
_PROVISIONAL = re.compile(
    r"\(?\b(?:p|prov|provis(?:ional|oire|orio|oria)s?|prelim(?:inary|inar|inaire)?|(?:ya )?muda)"
    r"\.?\)?$"
)
PROVISIONAL_WORDS = re.compile(r"\b(?:provis(?:ional|oire|ori[oa])|prelim|non consolid|ya muda)")
_GAP = re.compile(
    r"(?:[-–—−_.…·?/\\x]{0,4}|n\.?\s?/?\s?a\.?|n\.?\s?/?\s?d\.?|s\.?/?d\.?|n\.?r\.?|nil return"
    r"|no data|not? (?:available|reported|collected|counted|recorded)|missing"
    r"|(?:pas|aucune) de donnees|aucune donnee|non (?:disponible|renseigne|rapporte)|manquante?"
    r"|sin (?:datos?|registro|informacion)|no (?:disponible|reportado|hay datos)"
    r"|sem (?:dados?|registo|registro|informacao)|nao (?:disponivel|registado|registrado)"
    r"|hakuna (?:data|takwimu)|hazipo|haipo|#n/a|#div/0!|#ref!|#value!|#name\?|#null!|#num!)"
)
_DIGITS = r"\d+(?:[ .,'’\u00a0\u202f]\d{3})*(?:[.,]\d+)?"
_OF = r"(?:/|of|out of|sur|de|sobre|em|kati ya|kwa)"
_THEN = r"(?:\s?[=:(\[;–-]\s?|,\s|\s)"  # a comma without a space is a decimal one
_RATIO = re.compile(
    rf"^(?P<n>{_DIGITS})\s?{_OF}\s?(?P<d>{_DIGITS})(?:{_THEN}(?P<p>{_DIGITS})\s?%\s?[)\]]?)?$"
)
_COUNT_PERCENT = re.compile(rf"^(?P<n>{_DIGITS}){_THEN}(?P<p>{_DIGITS})\s?%\s?[)\]]?$")
_PERCENT_RATIO = re.compile(
    rf"^(?P<p>{_DIGITS})\s?%{_THEN}(?P<n>{_DIGITS})\s?{_OF}\s?(?P<d>{_DIGITS})\s?[)\]]?$"
)
_PERCENT_COUNT = re.compile(
    rf"^(?P<p>{_DIGITS})\s?%\s?[(\[]\s?(?P<is>n\s?=\s?)?(?P<c>{_DIGITS})\s?[)\]]$"
)
_SINGLE = re.compile(
    rf"^[≈~]?\s?(?P<sign>[-−]?)(?P<v>{_DIGITS})\s?"
    r"(?P<unit>%|‰|pct|per ?cent|pour ?cent|por ?cento?"
    r"|min(?:ute|uto)?s?\.?|mn|dakika|d|days?|jours?|j|dias?|siku)?$"
)
_PERCENT_UNIT = re.compile(r"%|pct|per ?cent|pour ?cent|por ?cento?")
_MINUTES_UNIT = re.compile(r"m|dakika")


class Habit(NamedTuple):
    """How a table writes its numbers, as far as its own cells show; None where none does."""

    comma_is_decimal: bool | None = None
    dot_is_decimal: bool | None = None


class Reading(NamedTuple):
    """What one cell says."""

    value: float | None = None  # count, or percent where `unit` says so
    numerator: float | None = None
    denominator: float | None = None
    percent: float | None = None  # beside numerator, denominator or count
    decimals: int = 0  # as printed, of the percent or the value
    unit: Unit | None = None
    marks: tuple[str, ...] = ()
    provisional: bool = False
    words: str = ""  # what stands where a number should
    unsure: str = ""  # a number that is a thousand times another where the comma is a point

    @property
    def is_number(self) -> bool:
        """Whether the cell says any number."""
        return any(part is not None for part in (self.value, self.numerator, self.percent))

    @property
    def is_filled(self) -> bool:
        """Whether the cell says anything; a dash or "no data" does not."""
        return self.is_number or bool(self.words)


def plain(text: str) -> str:
    """Return a cell without emphasis, on one line; a lone asterisk stays, it is a mark.

    >>> plain("**12 %**"), plain("12*")
    ('12 %', '12*')
    """
    if "*" in text or "_" in text or "`" in text:
        text = _EMPHASIS.sub(r"\2", text.replace("\\*", "*"))
    return " ".join(text.split())


def unmarked(text: str, known: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """Return a text without the marks of footnotes at its end, and the marks.

    "(1)" and "a" are marks only where `known`: a note below the table explains them.

    >>> unmarked("45*"), unmarked("45 (1)"), unmarked("45 (1)", frozenset({"1"}))
    (('45', ('*',)), ('45 (1)', ()), ('45', ('1',)))
    """
    marks: list[str] = []
    if len(text) > LONGEST_LABEL:
        return text, ()
    while found := _MARK_AT_END.search(text):
        mark = bare_mark(found[1])
        if found[1].startswith("(") and mark not in known:
            break
        if not text[: found.start()].strip() and not marks:
            break  # a mark alone is a word
        marks.insert(0, mark)
        text = text[: found.start()]
    found = _LETTER_AT_END.search(text)
    if found and found[1] in known:
        return text[: found.start()], (found[1], *marks)
    return text, tuple(marks)


def bare_mark(mark: str) -> str:
    """Return a mark as its note repeats it: "[1]", "(1)", "1)" and "¹" are the same."""
    return mark.strip("[]() .:").translate(_PLAIN_SCRIPT)


def read(text: str, habit: Habit = Habit(), known: frozenset[str] = frozenset()) -> Reading:  # noqa: B008
    """Return what a cell says. An empty cell, a dash and "no data" are gaps, not zeros.

    >>> read("12/30").numerator, read("36,5 %").value, read("no data").is_filled
    (12.0, 36.5, False)
    """
    if _WHOLE_NUMBER.fullmatch(text):
        return Reading(value=float(text))
    cell = plain(text)
    bare, marks = unmarked(cell, known)
    folded = fold(bare).replace("\u202f", " ").replace("\u00a0", " ").strip()
    if _GAP.fullmatch(folded):
        return Reading(marks=marks)
    if len(folded) > LONGEST or not re.search(r"\d", folded):
        return Reading(words=cell)
    provisional = _PROVISIONAL.search(folded)
    if provisional and re.search(r"[\d%]\s?\(?$", folded[: provisional.start()]):
        folded = folded[: provisional.start()].rstrip(" (")
    else:
        provisional = None
    found = _said(folded, habit)
    if found is None:
        return Reading(words=cell)
    return found._replace(marks=marks, provisional=bool(provisional))


def _said(folded: str, habit: Habit) -> Reading | None:
    for form in (_RATIO, _PERCENT_RATIO, _COUNT_PERCENT, _PERCENT_COUNT):
        if found := form.match(folded):
            return _together(found.groupdict(), habit)
    found = _SINGLE.match(folded)
    if not found:
        return None
    value = decode(found["v"], habit)
    if value is None:
        return None
    value = -value if found["sign"] else value
    return Reading(
        value=value,
        decimals=_decimals(found["v"], value),
        unit=_unit(found["unit"] or ""),
        unsure=found["v"] if is_unsure(found["v"], habit) else "",
    )


def _unit(word: str) -> Unit | None:
    if not word:
        return None
    if _PERCENT_UNIT.fullmatch(word):
        return Unit.PERCENT
    if word == "‰":
        return Unit.RATE
    return Unit.MINUTES if _MINUTES_UNIT.match(word) else Unit.DAYS


def _together(said: dict[str, str | None], habit: Habit) -> Reading | None:
    numbers = {name: decode(text, habit) for name, text in said.items() if text and name != "is"}
    if None in numbers.values():
        return None
    if "c" in numbers:  # 40 % (12), or 40 % (n = 30)
        numbers["d" if said.get("is") else "n"] = numbers.pop("c")
    percent = said.get("p") or ""
    return Reading(
        numerator=numbers.get("n"),
        denominator=numbers.get("d"),
        percent=numbers.get("p"),
        decimals=_decimals(percent, numbers.get("p") or 0.0),
    )


_AMBIGUOUS = re.compile(r"^[1-9]\d{0,2}([.,])\d{3}$")


def decode(text: str, habit: Habit = Habit()) -> float | None:  # noqa: B008
    """Return the number that digits and separators write, None where they write none.

    Where nothing in the table says otherwise, three digits after a comma are thousands and
    three after a full stop are decimals.

    >>> decode("1 421"), decode("1.234,5"), decode("1,421"), decode("1,421", Habit(True, None))
    (1421.0, 1234.5, 1421.0, 1.421)
    """
    text = re.sub(r"[ '’\u00a0\u202f]", "", text)
    if found := _AMBIGUOUS.match(text):
        return float(re.sub(r"[.,]", "." if _is_decimal(found[1], habit) else "", text))
    last = max(text.rfind("."), text.rfind(","))
    signs = set(re.findall(r"[.,]", text))
    if last >= 0 and len(signs) == 1 and len(re.findall(r"[.,]", text)) > 1:
        last = len(text)  # 1.234.567
    whole, fraction = (
        re.sub(r"\D", "", text[: max(last, 0)] if last >= 0 else text),
        text[last + 1 :],
    )
    if last < 0 or last == len(text):
        return float(whole)
    return float(f"{whole or 0}.{fraction}")


def _is_decimal(sign: str, habit: Habit) -> bool:
    said = habit.comma_is_decimal if sign == "," else habit.dot_is_decimal
    return sign == "." if said is None else said


def is_unsure(text: str, habit: Habit) -> bool:
    """Whether nothing tells if the comma or full stop in `text` is one of decimals."""
    found = _AMBIGUOUS.match(text)
    if not found:
        return False
    return (habit.comma_is_decimal if found[1] == "," else habit.dot_is_decimal) is None


def habit_of(texts: Iterable[str]) -> Habit:
    """Return how a table writes its numbers, from the cells that can be read in one way only."""
    texts = [text for text in texts if len(text) <= LONGEST and ("," in text or "." in text)]
    decimal = {",": False, ".": False}
    thousands = {",": False, ".": False}
    groups = 0
    for text in texts:
        for number in re.findall(r"(?<![\d.,/-])\d+(?:[.,]\d+)+(?![\d/-])", text):
            signs = re.findall(r"[.,]", number)
            if found := _AMBIGUOUS.match(number):
                groups += found[1] == ","
                continue
            if len(signs) == 1:
                decimal[signs[0]] = True
            elif len(set(signs)) == 1:
                thousands[signs[0]] = True
            else:
                decimal[signs[-1]] = thousands[signs[0]] = True
    if groups >= ENOUGH and not decimal[","]:
        thousands[","] = True  # decimals would not come by threes each time
    return Habit(_tells(",", decimal, thousands), _tells(".", decimal, thousands))


def _tells(sign: str, decimal: dict[str, bool], thousands: dict[str, bool]) -> bool | None:
    other = "." if sign == "," else ","
    yes, no = decimal[sign] or thousands[other], thousands[sign] or decimal[other]
    return None if yes == no else yes


def _decimals(text: str, value: float) -> int:
    if value == int(value) and not re.search(r"[.,]\d{1,2}$", text):
        return 0
    fraction = re.split(r"[.,]", text)[-1] if re.search(r"[.,]", text) else ""
    return len(fraction)


def fits(readings: Sequence[Reading]) -> bool:
    """Whether the unsure numbers of a column are of the size of its sure ones."""
    sure = sorted(abs(one.value) for one in readings if one.value and not one.unsure)
    unsure = [abs(one.value) for one in readings if one.value and one.unsure]
    if not sure:
        return False
    usual = sure[len(sure) // 2]
    return all(usual / NEAR <= value <= usual * NEAR for value in unsure)
