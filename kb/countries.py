"""What countries are called: their names in five languages, other names, words for their people."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from babel import Locale
from babel.core import get_global

LANGUAGES = ("en", "fr", "es", "pt", "sw")
# The alias table of the locale data also has these, which ISO 3166 withdrew.
WITHDRAWN = frozenset({"BUR", "DDR", "FXX", "ROM", "TMP", "YMD", "ZAR"})
# The European Union, two kinds of made-up text, and what nobody knows.
NO_COUNTRIES = frozenset({"QUU", "XAA", "XBB", "ZZZ"})
ALPHA_3 = 3  # letters


@cache
def alpha3() -> Mapping[str, str]:
    """Return the ISO 3166-1 alpha-3 code of each alpha-2 code."""
    aliases = get_global("territory_aliases")
    return {
        new[0]: old
        for old, new in aliases.items()
        if len(old) == ALPHA_3 and old.isalpha() and len(new) == 1 and old not in WITHDRAWN
    }


@cache
def alpha2() -> Mapping[str, str]:
    """Return the ISO 3166-1 alpha-2 code of each alpha-3 code.

    >>> alpha2()["TZA"]
    'TZ'
    """
    return {three: two for two, three in alpha3().items()}


@cache
def names() -> Mapping[str, str]:
    """Return the alpha-3 code of each country by the names that the locale data have for it.

    Of a name that two countries have in two languages, the first language decides.
    """
    return {
        name: alpha3()[alpha2]
        for language in reversed(LANGUAGES)
        for alpha2, name in Locale(language).territories.items()
        if alpha2 in alpha3()
    }


@cache
def codes() -> frozenset[str]:
    """Return the code of each country and territory that has a name."""
    return frozenset(names().values()) - NO_COUNTRIES


@cache
def other_names() -> Mapping[str, str]:
    """Return the code of each other name and short form of a country in use."""
    return {name: code for code, said in _table().items() for name in said["also"]}


@cache
def people() -> Mapping[str, str]:
    """Return the code of each word for what is of a country, such as Kenyan."""
    return {word: code for code, said in _table().items() for word in said["people"]}


@cache
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    text = Path(__file__).with_name("countries.yaml").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(text)
    return table
