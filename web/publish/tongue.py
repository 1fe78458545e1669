"""What the search of a copy says, and what it calls things, in one language."""

from collections.abc import Collection
from typing import Any, Final

from web.names import FACETS, Names
from web.publish.words import script

# A number of each plural category, by which the browser knows them (Intl.PluralRules).
PLURALS: Final = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def tongue(names: Names, tongues: Collection[str], countries: Collection[str]) -> bytes:
    """Return the script with labels and sentences in the language of `names`."""
    labels = _labels(names, tongues, countries)
    return script("tongue", {"labels": labels, "says": _sentences(names)})


def _labels(
    names: Names, tongues: Collection[str], countries: Collection[str]
) -> dict[str, dict[str, str]]:
    taxonomy = names.taxonomy
    concepts = {t.notation: str(names.concept(t.notation)) for t in taxonomy if not t.deprecated}
    facets = {
        group: {value.id: str(names.facet(facet, value.id)) for value in taxonomy.facet(facet)}
        for group, facet in FACETS.items()
    }
    return {
        "topic": concepts,
        **facets,
        "country": {code: str(names.country(code)) for code in sorted(countries)},
        "language": {tag: str(names.tongue(tag)) for tag in sorted(tongues)},
    }


def _sentences(names: Names) -> dict[str, Any]:
    _ = names.gettext
    return {
        "found": {
            category: names.ngettext("%(num)s experience", "%(num)s experiences", n)
            % {"num": "{n}"}
            for category, n in PLURALS.items()
        },
        "nothing": _("Nothing here answers that yet."),
        "other": _("Try other words, or fewer."),
        "open": _("Remove the filters"),
        "remove": _("Remove the filter:"),
        "also": _("Searched also for %(words)s.") % {"words": "{words}"},
        "words": _("Words: %(words)s") % {"words": "{words}"},
        "about": _("About: %(concepts)s") % {"concepts": "{concepts}"},
        "pages": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "previous": _("Previous"),
        "next": _("Next"),
        "comma": _(", "),
    }


def age(names: Names) -> list[str]:
    """Return the sentences that say how old a copy is, and that there may be a newer one."""
    _ = names.gettext
    return [_("Made on {day}: {age}."), _("Ask for a newer one.")]
