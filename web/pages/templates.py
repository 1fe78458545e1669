"""The guided templates, to download and fill in offline."""

from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Request, Response

from ingest import templates
from ingest.questions import languages
from ingest.readers import MEDIA_TYPES
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

KB = 1024
PROGRAMS = {"docx": "Word", "xlsx": "Excel"}


class File(NamedTuple):
    """A template as the page offers it."""

    name: str
    program: str
    kb: int


class Offer(NamedTuple):
    """One kind in one language: its title, whom it is for, and its files."""

    title: str
    whom: str
    files: tuple[File, ...]


class Shelf(NamedTuple):
    """The templates in one language."""

    tag: str
    language: str
    offers: tuple[Offer, ...]


@router.get("/templates")
def templates_page(request: Request) -> Response:
    """Show the templates by language and kind."""
    return page(request, "templates.html", shelves=[_shelf(*one) for one in languages().items()])


@router.get("/templates/{name}")
def template_file(request: Request, name: Annotated[str, Path(max_length=60)]) -> Response:
    """Send one template.

    Raises:
        NotFoundError: there is none of that name.
    """
    data = templates.made(name)
    tag = f'"{sha256(data).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(data, media_type=MEDIA_TYPES[templates.named(name).format], headers=headers)


def _shelf(tag: str, language: str) -> Shelf:
    found: dict[str, list[templates.Template]] = {}
    for one in templates.every():
        if one.language == tag:
            found.setdefault(one.kind.name, []).append(one)
    return Shelf(tag, language, tuple(map(_offer, found.values())))


def _offer(group: list[templates.Template]) -> Offer:
    kind, tag = group[0].kind, group[0].language
    return Offer(kind.title[tag], kind.whom[tag], tuple(map(_file, group)))


def _file(one: templates.Template) -> File:
    size = len(templates.made(one.name))
    return File(one.name, PROGRAMS[one.format], max(1, round(size / KB)))
