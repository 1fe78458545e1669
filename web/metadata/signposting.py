"""Signs for machines at a record page: where its files, descriptions and licence are.

Source: https://signposting.org/FAIR/ (levels 1 and 2), RFC 8288 (the header), RFC 9264 (link sets)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from web.metadata.described import Described
from web.metadata.formats import FORMATS, JSON
from web.metadata.kinds import KINDS, SCHEMA_ORG

LINKSET = "application/linkset"
LINKSET_JSON = "application/linkset+json"
ABOUT_PAGE = "https://schema.org/AboutPage"


class Link(NamedTuple):
    """One sign: from the page or file at `anchor` to `href`."""

    anchor: str
    rel: str
    href: str
    type: str = ""
    profile: str = ""


def of_page(said: Described) -> list[Link]:
    """Return the signs that stand at the page of the record."""
    here = said.address
    told = [
        Link(here, "cite-as", said.address),
        Link(here, "type", ABOUT_PAGE),
        Link(here, "type", SCHEMA_ORG + KINDS[said.record_type].schema_org),
        *_descriptions(said, here),
    ]
    if said.doi:  # another publisher's, of the same work
        told.append(Link(here, "related", f"https://doi.org/{said.doi}"))
    if said.copy is not None:
        told.append(Link(here, "item", said.copy.address, said.copy.media_type))
    if said.licence is not None:
        told.append(Link(here, "license", said.licence.address))
    return told


def of_all(said: Described) -> list[Link]:
    """Return the signs of the page, of its file and of each description: one link set."""
    back = [
        Link(one.href, "describes", said.address, "text/html")
        for one in _descriptions(said, said.address)
    ]
    file = [Link(said.copy.address, "collection", said.address, "text/html")] if said.copy else []
    return [*of_page(said), *file, *back]


def header(said: Described) -> str:
    """Return the value of the header `Link` at the page of the record."""
    sets = [
        Link(said.address, "linkset", f"{said.address}/linkset", LINKSET),
        Link(said.address, "linkset", f"{said.address}/linkset.json", LINKSET_JSON),
    ]
    return ", ".join(_written(link) for link in [*of_page(said), *sets])


def linkset(links: Iterable[Link]) -> str:
    """Return the links as `application/linkset`."""
    return ",\n".join(f'{_written(link)}; anchor="{_quoted(link.anchor)}"' for link in links) + "\n"


def linkset_json(links: Iterable[Link]) -> dict[str, Any]:
    """Return the links as `application/linkset+json`: one object for each anchor."""
    contexts: dict[str, dict[str, Any]] = defaultdict(dict)
    for link in links:
        target = {"href": link.href, "type": link.type, "profile": link.profile}
        told = {name: value for name, value in target.items() if value}
        contexts[link.anchor].setdefault(link.rel, []).append(told)
    return {"linkset": [{"anchor": anchor, **rels} for anchor, rels in contexts.items()]}


def _descriptions(said: Described, anchor: str) -> Iterator[Link]:
    for one in FORMATS:
        yield Link(
            anchor, "describedby", f"{said.address}/cite.{one.name}", one.media_type, one.profile
        )
    api = f"{said.home}/api/v1/records/{said.record_id}"
    yield Link(anchor, "describedby", api, JSON)


def _written(link: Link) -> str:
    said = f'<{_quoted(link.href)}>; rel="{link.rel}"'
    if link.type:
        said += f'; type="{link.type}"'
    return said + (f'; profile="{_quoted(link.profile)}"' if link.profile else "")


def _quoted(address: str) -> str:
    """Return an address that cannot end its brackets, its quotes or the header."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")
