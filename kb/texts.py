"""Every text that people wrote in a record: to look through them, and to change a word in all."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from kb import content

V = TypeVar("V", bound=content.Value)

# Codes, links and words of the taxonomy: they say nothing that somebody wrote about people.
CODES = frozenset(
    {
        "language",
        "summary_languages",
        "notation",
        "interventions",
        "intervention",
        "attachment",
        "country",
        "facility_code",
        "currency",
        "field",
        "state",
        "source_url",
        "doi",
        "licence",
        "origin",
        "facets",
        "confirmed_by",
    }
)
# Not looked at: what `Record.naming` shows or hides; what no reader sees; citations of what is
# published; and who is credited, who is shown only where `credit_wanted` says that they agreed.
NOT_LOOKED_AT = frozenset(
    {"places", "doubts", "contact", "source_citation", "authors", "credit_line"}
)


def texts(said: content.Record) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each field to look through, such as `sections.2.body`."""
    for name in content.Record.model_fields:
        if name in NOT_LOOKED_AT:
            continue
        yield from _leaves(name, name, getattr(said, name))


def reworded(said: content.Record, change: Callable[[str], str]) -> content.Record:
    """Return the record with `change` made to every text, seen by readers or not.

    Names of places stay: what of them is shown is said by `Record.naming`.
    """
    return part_reworded(said, change).model_copy(update={"places": said.places})


def _leaves(path: str, name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name in CODES or isinstance(value, StrEnum):
        return
    if isinstance(value, str):
        if value:
            yield path, value
    elif isinstance(value, content.Value):
        for part in type(value).model_fields:
            yield from _leaves(f"{path}.{part}", part, getattr(value, part))
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from _leaves(f"{path}.{n}", "", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(f"{path}.{key}", "", part)


def part_reworded(value: V, change: Callable[[str], str]) -> V:
    """Return a part of a record with `change` made to every text in it."""
    new = {
        name: _changed(getattr(value, name), change)
        for name in type(value).model_fields
        if name not in CODES
    }
    return value.model_copy(update=new)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, content.Value):
        return part_reworded(value, change)
    if isinstance(value, tuple):
        return tuple(_changed(part, change) for part in value)
    if isinstance(value, dict):
        return {key: _changed(part, change) for key, part in value.items()}
    return value
