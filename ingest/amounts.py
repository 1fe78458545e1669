"""Amounts as people write them: 38 %, 59 of 170, eight out of ten, asilimia 85."""

import re
from functools import cache
from typing import NamedTuple

EARLIEST, LATEST = 1900, 2100  # numbers that are years and not counts

# Number words, folded, up to twenty and the tens; "one" alone says too little to be an amount.
_WORDS = {
    "hundred": 100, "a hundred": 100, "cent": 100, "cien": 100, "cem": 100, "mia": 100,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "quinze": 15, "vingt": 20,
    "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "quince": 15, "veinte": 20,
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "quatro": 4, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "doze": 12, "vinte": 20,
    "mmoja": 1, "wawili": 2, "mbili": 2, "watatu": 3, "tatu": 3, "wanne": 4, "nne": 4,
    "watano": 5, "tano": 5, "sita": 6, "saba": 7, "wanane": 8, "nane": 8, "tisa": 9, "kumi": 10,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60,
    "setenta": 70, "ochenta": 80, "noventa": 90, "trinta": 30, "quarenta": 40, "cinquenta": 50,
    "sessenta": 60, "oitenta": 80,
}  # fmt: skip
_WORD = "|".join(
    (
        rf"(?:{'|'.join(_TENS)})(?:(?:[\s-]|\s(?:et|y|e)\s)(?:{'|'.join(_WORDS)})\b)?",
        *sorted(_WORDS, key=len, reverse=True),
    )
)
_NUMBER = rf"(?:\d{{1,3}}(?:[ .,\u00a0\u202f]\d{{3}})+(?!\d)|\d+(?:[.,]\d+)?|\b(?:{_WORD})\b)"
_OF = (
    r"(?:\s+(?:of|(?:[^\W\d]+\s+){0,2}(?:out\s+of|sur|kati\s+ya)|de|em|en|dos|das|des|kwa|katika)"
    r"(?:\s+(?:every|each|the|those|a|total|cada|chaque|las|los|les|kila))*\s+)"
)


class Amount(NamedTuple):
    """An amount in a folded text, with its place; a share has numerator and denominator."""

    start: int
    end: int
    percent: float | None = None
    numerator: float | None = None
    denominator: float | None = None

    @property
    def share(self) -> float | None:
        """The amount in percent, None for a percent that is not known."""
        if self.percent is None and self.numerator is not None and self.denominator:
            return 100 * self.numerator / self.denominator
        return self.percent


def amounts_in(folded: str) -> list[Amount]:
    """Return the percents and the shares in a folded text, in order.

    >>> [one.share for one in amounts_in("from 14% to nine of every ten, 21 de 104 em 2022")]
    [14.0, 90.0, 20.192307692307693]
    """
    found: list[Amount] = []
    for match in _pattern().finditer(folded):
        said = {name: value for name, value in match.groupdict().items() if value}
        if percent := said.get("percent") or said.get("asilimia"):
            found.append(Amount(match.start(), match.end(), percent=number(percent)))
            continue
        part, whole = (
            said.get(name) or said.get(f"{name}_after") or said[f"in_{name}"]
            for name in ("part", "whole")
        )
        if _is_share(part, whole):
            counts = {"numerator": number(part), "denominator": number(whole)}
            found.append(Amount(match.start(), match.end(), **counts))
    return found


def number(text: str) -> float:
    """Return the number that a folded text writes in figures or as a word.

    >>> number("1 240 000"), number("62,5"), number("4,000"), number("thirty-four")
    (1240000.0, 62.5, 4000.0, 34.0)
    """
    bare = text.strip()
    if bare in _WORDS:
        return float(_WORDS[bare])
    if not bare[:1].isdigit():
        words = re.split(r"[\s-]+", bare)
        return float(sum(_TENS.get(word, 0) or _WORDS.get(word, 0) for word in words))
    grouped = re.fullmatch(r"\d{1,3}(?:[ .,\u00a0\u202f]\d{3})+", bare)
    return float(re.sub(r"\D", "", bare) if grouped else bare.replace(",", "."))


def count_words() -> str:
    """Return the alternatives of a pattern that finds a count: figures, or a number word."""
    return rf"\d{{1,4}}|{_WORD}"


def _is_share(part: str, whole: str) -> bool:
    sound = number(part) <= number(whole) and number(whole) > 1
    return sound and not _is_year(whole) and not part.startswith("0")


def _is_year(text: str) -> bool:
    return text.isdigit() and EARLIEST <= int(text) <= LATEST


@cache
def _pattern() -> re.Pattern[str]:
    percent = r"\s?(?:%|per\s?cent\b|percent\b|por\s?ciento\b|por\s?cento\b|pour\s?cent\b)"
    return re.compile(
        rf"asilimia\s+(?P<asilimia>{_NUMBER})"
        rf"|(?P<percent>{_NUMBER}){percent}"
        rf"|(?<![\w.,/])(?P<part>{_NUMBER}){_OF}(?P<whole>{_NUMBER})(?![\w%])"
        rf"|(?P<in_part>{_NUMBER})\s+in\s+(?:every\s+)?(?P<in_whole>ten|hundred|a\s+hundred|10+)\b"
        # of 50 mothers who gave birth before 34 weeks, 11 had it
        rf"|\b(?:of|em|de|dos|das|sur|kati\s+ya)\s+(?:the\s+|los\s+|las\s+)?(?P<whole_after>\d{{2,6}})"
        r"\s[^.;:,]{3,70},\s(?:[^\W\d]+\s)?(?P<part_after>\d{1,5})(?![\w%.,/-])"
    )
