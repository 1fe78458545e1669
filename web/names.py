"""What things are called on a page, and how its numbers and dates are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Self

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from markupsafe import Markup, escape

from kb.before_after import BeforeAfter
from kb.content import Cost
from kb.countries import codes
from kb.db import utcnow
from kb.folding import fold
from kb.taxonomy import FALLBACK, Label, Taxonomy
from kb.vocabulary import Unit
from kb.wording import Marked
from web.i18n import direction, messages

# What the address of a search calls a filter, and the facet of the taxonomy that names its values.
FACETS = {
    "verdict": "outcome_verdict",
    "level": "level",
    "facility_type": "facility_type",
    "strength": "data_strength",
    "record_type": "record_type",
}
CONCEPTS = frozenset({"topic", "intervention"})
ONE, TENTH = Decimal(1), Decimal("0.1")
WHOLE_FROM = 10  # a decimal says something below, and pretends above
LENGTHS_OF_TIME = {Unit.DAYS: "duration-day", Unit.MINUTES: "duration-minute"}
# Readers of Portuguese are in Mozambique, Angola and Guinea-Bissau before they are in Brazil.
LOCALES = {"pt": "pt_PT"}
# Where the locale data have a name that its country gave up, or one that nobody there uses.
COUNTRIES = {
    "en": {"CD": "DR Congo", "CG": "Congo", "CV": "Cabo Verde", "MM": "Myanmar"},
    "fr": {"CD": "RD Congo", "CG": "Congo", "CV": "Cabo Verde", "MM": "Myanmar"},
    "es": {"CD": "RD Congo", "MM": "Myanmar"},
    "pt": {"CD": "RD Congo", "CG": "Congo", "CI": "Costa do Marfim", "MM": "Mianmar"},
    "sw": {"CD": "JK Kongo", "CG": "Kongo", "CV": "Cabo Verde", "MM": "Myanmar"},
    "ar": {"CD": "الكونغو الديمقراطية", "CG": "الكونغو", "MM": "ميانمار", "TL": "تيمور الشرقية"},
}
KB, MB = 1_000, 1_000_000  # bytes, as those who sell data count them


class Name(str):
    """What something is called; a page prints it with its language where that is another one.

    For everything else (an address, an attribute, JSON) it is the plain text: `str(name)`.

    >>> str(Name("Kangaroo mother care", "en")), Name("Afya").__html__()
    ('Kangaroo mother care', Markup('Afya'))
    """

    __slots__ = ("lang",)
    lang: str  # of the text, where it is not the reader's; else empty

    def __new__(cls, text: str, lang: str = "") -> Self:
        """Return the text as a name, in another language than the reader's if `lang` says so."""
        name = super().__new__(cls, text)
        name.lang = lang
        return name

    def __html__(self) -> Markup:
        """Return the text as a page shows it."""
        text = escape(str(self))
        if not self.lang:
            return text
        return Markup('<span lang="{}" dir="{}">{}</span>').format(
            self.lang, direction(self.lang), text
        )

    @property
    def inline(self) -> "Name":
        """The name as it stands inside a sentence; what begins like HIV stays as it is.

        >>> str(Name("Health facility").inline), str(Name("HIV testing").inline)
        ('health facility', 'HIV testing')
        """
        capitals = self[1:2].isupper()
        return self if capitals else Name(self[:1].lower() + self[1:], self.lang)


@dataclass(frozen=True)
class Names:
    """Labels of the taxonomy and of the locale data, and the words of pages, in one language."""

    taxonomy: Taxonomy
    language: str = "en"

    def gettext(self, message: str) -> str:
        """Return a message of the pages in this language."""
        return messages(self.language).gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Return the form of a message that the language uses for `n`."""
        return messages(self.language).ngettext(one, many, n)

    def told(self, message: str) -> Name:
        """Return what somebody `marked` in this language; anything else is English, and says so."""
        if not isinstance(message, Marked):
            return self._name(Label(message, FALLBACK))
        said = self.gettext(message.message)
        language = FALLBACK if said == message.message else self.language
        values = {name: self._written(value) for name, value in message.values.items()}
        return self._name(Label(said % values if values else said, language))

    def listed(self, several: Iterable[str]) -> Markup:
        """Return several names one after the other, each in its language, for a page."""
        return escape(self.gettext(", ")).join(several)

    def concept(self, notation: str) -> Name:
        """Return the pref label; a notation that the files no longer have stands for itself."""
        if notation not in self.taxonomy.terms:
            return Name(notation)
        return self._name(self.taxonomy.label(notation, self.language))

    def facet(self, name: str, value: str) -> Name:
        """Return the label of a value of a facet."""
        return self._name(self.taxonomy.facet_label(name, value, self.language))

    def countries(self) -> list[tuple[str, Name]]:
        """Return code and name of every country, by name."""
        known = {code: self.country(code) for code in codes()}
        known = {code: name for code, name in known.items() if str(name) != code}  # of no country
        return sorted(known.items(), key=lambda one: fold(str(one[1])))

    def country(self, code: str) -> Name:
        """Return the name of a country.

        >>> print(Names(Taxonomy("", {}, {}, frozenset(), {})).country("TZA"))
        Tanzania
        """
        two_letters = _alpha_2().get(code, [code])[0]
        usual = COUNTRIES.get(self.language, {}).get(two_letters)
        return Name(usual) if usual else self._known("territories", two_letters, code)

    def tongue(self, tag: str) -> Name:
        """Return the name of a language, with its region where the tag says one.

        >>> print(Names(Taxonomy("", {}, {}, frozenset(), {})).tongue("pt-MZ"))
        Portuguese (Mozambique)
        """
        base, *subtags = tag.split("-")
        name = self._known("languages", base, base)
        place = next((s for s in subtags if s in self._locale.territories), None)
        if not place:
            return name
        return Name(f"{name} ({self._known('territories', place, place)})", name.lang)

    def of(self, group: str, value: str) -> Name:
        """Return what the value of a filter is called."""
        if group in CONCEPTS:
            return self.concept(value)
        if group in FACETS:
            return self.facet(FACETS[group], value)
        if group == "country":
            return self.country(value)
        return self.tongue(value) if group == "language" else Name(value)

    def figure(self, value: Fraction | float, unit: Unit) -> str:
        """Write a value with its unit: whole from ten on, one decimal below.

        >>> names = Names(Taxonomy("", {}, {}, frozenset(), {}))
        >>> [names.figure(100 / 3, Unit.PERCENT), names.figure(4.56, Unit.MINUTES)]
        ['33%', '4.6 min']
        """
        exact = Decimal(str(float(value)))
        step = ONE if abs(exact) >= WHOLE_FROM else TENTH
        rounded = exact.quantize(step, ROUND_HALF_UP)  # as people round: 32.5 is 33
        shown = rounded.quantize(ONE) if rounded == rounded.to_integral_value() else rounded
        if unit is Unit.PERCENT:
            return format_percent(shown / 100, locale=self._locale, decimal_quantization=False)
        if unit in LENGTHS_OF_TIME:
            return format_unit(shown, LENGTHS_OF_TIME[unit], "short", locale=self._locale)
        return self.number(shown)

    def figures(self, result: BeforeAfter) -> tuple[str, str]:
        """Write both numbers of a measure; what is only known to lie below says so."""
        before, after = (self.figure(v, result.unit) for v in (result.before, result.after))
        return (
            f"<{before}" if result.before_below else before,
            f"<{after}" if result.after_below else after,
        )

    def number(self, value: float | Decimal) -> str:
        """Write a number as it is, with at most two decimals."""
        return _number(value, self._locale)

    def amount(self, cost: Cost) -> str:
        """Write what something cost, with its currency; empty where nobody said how much.

        >>> names = Names(Taxonomy("", {}, {}, frozenset(), {}))
        >>> names.amount(Cost(amount=4000, currency="TZS")), names.amount(Cost(text="little"))
        ('4,000 TZS', '')
        """
        return "" if cost.amount is None else f"{self.number(cost.amount)} {cost.currency}".strip()

    def percent(self, share: float) -> str:
        """Write a share as whole percent."""
        return format_percent(share, locale=self._locale)

    def month(self, day: date) -> str:
        """Write the month of a day."""
        return format_date(day, "MMM y", locale=self._locale)

    def day(self, day: date) -> str:
        """Write a day."""
        return format_date(day, "d MMM y", locale=self._locale)

    def year(self, day: date) -> str:
        """Write the year of a day."""
        return format_date(day, "y", locale=self._locale)

    def age(self, since: datetime) -> str:
        """Write how long ago something was, a minute at least: “3 hours ago”."""
        age = max(utcnow() - since, timedelta(minutes=1))
        said: str = format_timedelta(
            -age, granularity="minute", add_direction=True, locale=self._locale
        )
        return said

    def size(self, size: int) -> str:
        """Write the size of a file, so that nobody takes home more than she can pay.

        >>> names = Names(Taxonomy("", {}, {}, frozenset(), {}))
        >>> names.size(800), names.size(54_321), names.size(2_345_678)
        ('1 kB', '54 kB', '2.3 MB')
        """
        if size < MB:
            value, unit = float(max(1, round(size / KB))), "digital-kilobyte"
        else:
            value, unit = round(size / MB, 1), "digital-megabyte"
        return format_unit(value, unit, "short", locale=self._locale)

    def _written(self, value: object) -> str:
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, tuple):
            return self.gettext("; ").join(map(str, map(self.told, value)))
        if isinstance(value, Marked):
            return str(self.told(value))
        return self.number(value) if isinstance(value, int) else str(value)

    def _name(self, label: Label) -> Name:
        return Name(label.text, "" if label.language == self.language else label.language)

    def _known(self, of: str, key: str, otherwise: str) -> Name:
        """Return a name of the locale data, in English where the language has none."""
        own: Mapping[str, str] = getattr(self._locale, of)
        if key in own:
            return Name(own[key])
        english: Mapping[str, str] = getattr(Locale.parse(FALLBACK), of)
        return self._name(Label(english[key], FALLBACK)) if key in english else Name(otherwise)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(LOCALES.get(self.language, self.language))


@lru_cache(2**12)  # a page has a hundred, mostly the same
def _number(value: float | Decimal, locale: Locale) -> str:
    return format_decimal(value, "#,##0.##", locale=locale)


def _alpha_2() -> Mapping[str, list[str]]:
    # The locale data keep ISO 3166-1 alpha-3 codes as over-long aliases of the two letters.
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return aliases
