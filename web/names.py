"""What things are called on a page, and how its numbers and dates are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from kb.db import utcnow
from kb.taxonomy import Taxonomy
from kb.vocabulary import Unit
from web.i18n import messages

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

    def concept(self, notation: str) -> str:
        """Return the pref label; a notation that the files no longer have stands for itself."""
        if notation not in self.taxonomy.terms:
            return notation
        return self.taxonomy.label(notation, self.language).text

    def facet(self, name: str, value: str) -> str:
        """Return the label of a value of a facet."""
        return self.taxonomy.facet_label(name, value, self.language).text

    def country(self, code: str) -> str:
        """Return the name of a country.

        >>> Names(Taxonomy("", {}, {}, frozenset(), {})).country("TZA")
        'Tanzania'
        """
        two_letters = _alpha_2().get(code, [code])[0]
        name: str = self._locale.territories.get(two_letters, code)
        return name

    def tongue(self, tag: str) -> str:
        """Return the name of a language, with its region where the tag says one.

        >>> Names(Taxonomy("", {}, {}, frozenset(), {})).tongue("pt-MZ")
        'Portuguese (Mozambique)'
        """
        base, *subtags = tag.split("-")
        name = self._locale.languages.get(base, base)
        place = next((s for s in subtags if s in self._locale.territories), None)
        return f"{name} ({self._locale.territories[place]})" if place else name

    def of(self, group: str, value: str) -> str:
        """Return what the value of a filter is called."""
        if group in CONCEPTS:
            return self.concept(value)
        if group in FACETS:
            return self.facet(FACETS[group], value)
        if group == "country":
            return self.country(value)
        return self.tongue(value) if group == "language" else value

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
            return format_percent(shown / 100, "#,##0.#%", locale=self.language)
        if unit in LENGTHS_OF_TIME:
            return format_unit(shown, LENGTHS_OF_TIME[unit], "short", locale=self.language)
        return self.number(shown)

    def number(self, value: float | Decimal) -> str:
        """Write a number as it is, with at most two decimals."""
        return format_decimal(value, "#,##0.##", locale=self.language)

    def month(self, day: date) -> str:
        """Write the month of a day."""
        return format_date(day, "MMM y", locale=self.language)

    def day(self, day: date) -> str:
        """Write a day."""
        return format_date(day, "d MMM y", locale=self.language)

    def age(self, since: datetime) -> str:
        """Write how long ago something was, an hour at least."""
        age = max(utcnow() - since, timedelta(hours=1))
        said: str = format_timedelta(age, granularity="hour", locale=self.language)
        return said

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)


def _alpha_2() -> Mapping[str, list[str]]:
    # The locale data keep ISO 3166-1 alpha-3 codes as over-long aliases of the two letters.
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return aliases
