"""What is written where a name was taken out: a mark or a role, in the record's language."""

from functools import cache
from importlib.resources import files

import yaml

from kb.identifiers import words
from kb.vocabulary import IdentifierKind

DEFAULT = "en"


@cache
def _said() -> dict[str, dict[str, dict[str, str]]]:
    text = files("kb").joinpath("stand_ins.yaml").read_text(encoding="utf-8")
    said: dict[str, dict[str, dict[str, str]]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return said


def mark(kind: IdentifierKind, language: str) -> str:
    """Return what says that something of the kind was taken out.

    >>> mark(IdentifierKind.PERSON, "fr-CD")
    '[nom retiré]'
    """
    said = _said()["marks"]
    marks = said.get(language[:2], said[DEFAULT])
    return marks.get(kind, marks[IdentifierKind.PERSON])


def roles(language: str) -> tuple[str, ...]:
    """Return the roles to choose from, such as “a mother”."""
    said = _said()["roles"]
    return tuple(dict.fromkeys(said.get(language[:2], said[DEFAULT]).values()))


def role(kind: IdentifierKind, text: str, language: str) -> str:
    """Return the role that fits what was found, or the mark where it tells none.

    >>> role(IdentifierKind.PERSON, "Mme Awa Ndour", "fr"), role(IdentifierKind.PHONE, "77 1", "en")
    ('une femme', '[phone number removed]')
    """
    said = _said()["roles"]
    known = said.get(language[:2], said[DEFAULT])
    if kind is IdentifierKind.RARE_EVENT:
        return known["village"]
    if kind is IdentifierKind.PERSON:
        for phrase, name in _phrases():
            if text.casefold().startswith(phrase) and not text[len(phrase) :][:1].isalnum():
                return known.get(name, known["patient"])
    return mark(kind, language)


def place(kind: str, language: str, *, after: str = "") -> str:
    """Return what stands for the name of a place; `after` is the word before it, folded.

    `kind` is a kind of facility, or “facility”, “district”, “country”, “code”. No second article
    is put behind one.

    >>> place("health-centre", "fr-CD"), place("health-centre", "fr", after="du")
    ('un centre de santé', 'centre de santé')
    """
    said = _said()["places"]
    known = said.get(language[:2], said[DEFAULT])
    name = known.get(kind) or known["facility"]
    article, _, noun = name.partition("|")
    if not noun:
        return article
    return noun if after in known["articles"].split() else f"{article} {noun}"


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Return words for people and titles with the role each tells, the longest first."""
    named = {**words.roles("people"), **words.roles("titles")}
    return tuple(sorted(named.items(), key=lambda pair: -len(pair[0])))
