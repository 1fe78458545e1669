"""What it cost, in the team's words; an amount only where one is said, in its currency."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from babel.numbers import get_territory_currencies

from ingest.amounts import number
from ingest.phrases import pattern
from ingest.sentences import one_line, tokens
from ingest.told import Told, with_role
from kb.content import Cost, Evidence
from kb.countries import alpha3
from kb.vocabulary import SectionRole

MOST = 6  # sentences that are kept

# Words and signs of money that mean one currency, folded.
_ONE = {
    "₦": "NGN", "naira": "NGN", "taka": "BDT", "₹": "INR", "kwanza": "AOA", "kwanzas": "AOA",
    "metical": "MZN", "meticais": "MZN", "cedi": "GHS", "cedis": "GHS", "dalasi": "GMD",
    "dalasis": "GMD", "leone": "SLE", "leones": "SLE", "birr": "ETB", "lempiras": "HNL",
    "quetzales": "GTQ", "r$": "BRL", "reais": "BRL", "s/": "PEN", "soles": "PEN",
    "bolivianos": "BOB", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD",
    "dolares": "USD", "$": "USD", "€": "EUR", "euro": "EUR", "euros": "EUR", "rand": "ZAR",
    "riel": "KHR", "riels": "KHR", "cordobas": "NIO", "gourdes": "HTG", "ariary": "MGA",
    "ngn": "NGN", "bdt": "BDT", "inr": "INR", "pkr": "PKR", "npr": "NPR", "mwk": "MWK",
    "zmw": "ZMW", "ugx": "UGX", "tzs": "TZS", "kes": "KES", "tsh": "TZS", "ksh": "KES",
    "ush": "UGX", "rwf": "RWF", "etb": "ETB", "ghs": "GHS", "mzn": "MZN", "aoa": "AOA",
    "brl": "BRL", "pen": "PEN", "hnl": "HNL", "gtq": "GTQ", "zar": "ZAR", "khr": "KHR",
    "rupiah": "IDR", "idr": "IDR", "maloti": "LSL", "loti": "LSL", "lsl": "LSL", "ld": "LRD",
    "lrd": "LRD", "us dollars": "USD", "francs rwandais": "RWF", "yuan": "CNY", "pula": "BWP",
    "emalangeni": "SZL", "php": "PHP", "₱": "PHP", "q": "GTQ",
    "eur": "EUR", "xof": "XOF", "xaf": "XAF",
}  # fmt: skip
# Words of money that several countries use: the country of the story says whose.
_OF_THE_COUNTRY = (
    "fcfa", "f cfa", "francs cfa", "francs", "francos", "shilling", "shillings", "shilingi", "sh",
    "kwacha", "rupee", "rupees", "rupias", "rs", "pesos", "k", "d", "bs", "le", "mt",
)  # fmt: skip
_SINGLE_LETTERS = {
    "q": {"GTM"},
    "k": {"ZMB", "MWI", "PNG"},
    "d": {"GMB"},
    "le": {"SLE"},
    "mt": {"MOZ"},
}
_SCALE = {"million": 1_000_000, "millon": 1_000_000, "milh": 1_000_000}

_TOTAL = re.compile(
    r"\b(?:total|altogether|in all|all together|en tout|au total|en total|ao todo|no total|jumla"
    r"|spent|depense|gastado|gastos)\b"
)
_EACH = re.compile(
    r"^[\s,(]*(?:each|apiece|chacune?|piece|l'unite|la unidad|par|cada|por|kila|kwa|per)\b"
)
_NEEDS = {"needs", "need", "resources", "besoins", "recursos", "mahitaji"}


class Read(NamedTuple):
    """A cost and the passages it was read from."""

    cost: Cost | None
    evidence: tuple[Evidence, ...]


class Money(NamedTuple):
    """An amount of money in a sentence, in the currency that is meant ("" where nobody can say)."""

    amount: float
    currency: str
    total: bool
    each: bool


def cost_of(told: Sequence[Told], *, language: str, country: str = "") -> Read:
    """Return what it cost: of the section that tells it, else of the sentences with money.

    `country` (ISO 3166-1 alpha-3) says whose shillings, francs or rupees are meant.
    """
    lines = _lines(told, language, country)[:MOST]
    if not lines:
        return Read(None, ())
    found = {one: money_in(one.folded, country) for one in lines}
    every = [money for one in lines for money in found[one]]
    chosen = _chosen(every)
    evidence = [one.evidence("cost.text") for one in lines]
    if chosen:
        line = next(one for one in lines if chosen in found[one])
        evidence.append(line.evidence("cost.amount"))
    currencies = {money.currency for money in every}
    currency = currencies.pop() if len(currencies) == 1 else chosen.currency if chosen else ""
    if currency:
        line = next(one for one in lines if any(m.currency == currency for m in found[one]))
        evidence.append(line.evidence("cost.currency"))
    text = " ".join(one_line(one.text) for one in lines)
    cost = Cost(text=text, amount=chosen.amount if chosen else None, currency=currency)
    return Read(cost, tuple(evidence))


def money_in(folded: str, country: str = "") -> list[Money]:
    """Return the amounts of money in a folded sentence, in order.

    >>> [(one.amount, one.currency) for one in money_in("20 000 fcfa, puis 5 us$", "SEN")]
    [(20000.0, 'XOF'), (5.0, 'USD')]
    """
    found = []
    for match in _pattern().finditer(folded):
        word = " ".join((match["before"] or match["after"]).split())
        if word in _SINGLE_LETTERS and not (match["before"] and country in _SINGLE_LETTERS[word]):
            continue
        said = match["scale"] or match["scale_after"] or ""
        scale = next((by for start, by in _SCALE.items() if said.startswith(start)), 1)
        amount = number(match["amount"] or match["amount_after"]) * scale
        behind = folded[match.end() :]
        total = bool(_TOTAL.search(folded, max(0, match.start() - 20), match.end() + 25))
        currency = _ONE.get(word) or _currency(country)
        found.append(Money(amount, currency, total, bool(_EACH.match(behind))))
    return found


def _chosen(every: Sequence[Money]) -> Money | None:
    """The one amount that is said, or the total; the price of one of many is neither."""
    whole = [money for money in every if not money.each]
    totals = [money for money in whole if money.total]
    if len(totals) == 1:
        return totals[0]
    return whole[0] if len(whole) == len(every) == 1 else None


def _lines(told: Sequence[Told], language: str, country: str) -> list[Told]:
    own = with_role(told, SectionRole.COST)
    if own and not _NEEDS.intersection(tokens(own[0].heading)):
        return own
    chosen = own if any(money_in(one.folded, country) for one in own) else told
    about = pattern("cost", language)
    with_money = [one for one in chosen if money_in(one.folded, country)]
    spoken = [one for one in with_money if about.search(one.folded)]
    return spoken or (with_money if own else []) or own or _told_in_words(told)


def _told_in_words(told: Sequence[Told]) -> list[Told]:
    """What it cost without money: "It cost two planks"."""
    found = [one for one in told if one.role in _WORK and _IT_COST.search(one.folded)]
    return found[:1]


_WORK = {SectionRole.CHANGES, SectionRole.OTHER, SectionRole.SUSTAINABILITY, SectionRole.ADVICE}
_IT_COST = re.compile(
    r"\b(?:it costs?|costs? (?:us )?(?:almost )?nothing|ne coute rien|n'a rien coute|no cuesta nada"
    r"|no costo nada|nao custa nada|nao custou nada|haigharimu|haikugharimu)\b"
)


@cache
def _currency(country: str) -> str:
    alpha2 = {old: new for new, old in alpha3().items()}.get(country)
    known = get_territory_currencies(alpha2) if alpha2 else []
    return str(known[0]) if known else ""


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted([*_ONE, *_OF_THE_COUNTRY], key=len, reverse=True)
    word = "|".join(re.escape(one).replace(r"\ ", r"\s") for one in words)
    figures = r"\d{1,3}(?:[ .,\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
    return re.compile(
        rf"(?<![^\W\d_])(?P<before>{word})\.?\s?(?P<amount>{figures})"
        r"(?:\s(?P<scale>million\w*|millon\w*|milh\w+|milliers?))?"
        rf"|(?<![\w.,])(?P<amount_after>{figures}|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b)"
        r"(?:\s(?P<scale_after>million\w*|millon\w*|milh\w+))?"
        rf"\s?(?:new\s|de\s|nouveaux\s)?(?P<after>{word})(?!\w)"
    )
