"""The face of the library as files: its colours, its logo, its icons, its manifest."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from web import brand
from web.assets import FOR_A_YEAR, FOR_AN_HOUR
from web.deps import LibraryDep
from web.render import language_of
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

IconSize = Annotated[int, Path(ge=16, le=max(brand.ICON_SIZES))]
FAVICON = 48  # pixels

# A drawing that somebody opens by itself may neither run nor fetch anything.
SHUT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@router.get("/site.css")
def site_css(request: Request, library: LibraryDep) -> Response:
    """Send the colours of the library."""
    return _kept(request, brand.stylesheet(library.site), "text/css")


@router.get("/logo")
def logo(request: Request, library: LibraryDep) -> Response:
    """Send what stands beside the name."""
    data, media_type = brand.logo(library.site)
    return _kept(request, data, media_type)


@router.get("/icon-{size}.png")
def icon(request: Request, library: LibraryDep, *, size: IconSize) -> Response:
    """Send the sign of the library as a square picture."""
    near = min(brand.ICON_SIZES, key=lambda known: abs(known - size))
    return _icon(request, library, near)


@router.get("/favicon.ico")
def favicon(request: Request, library: LibraryDep) -> Response:
    """Send the sign to who asks for it where browsers once looked."""
    return _icon(request, library, FAVICON)


@router.get("/manifest.webmanifest")
def manifest(request: Request, library: LibraryDep) -> Response:
    """Say how the library is put on a home screen."""
    said = json.dumps(brand.manifest(library.site, language_of(request)), ensure_ascii=False)
    return _kept(request, said, "application/manifest+json")


def _icon(request: Request, library: LibraryDep, size: int) -> Response:
    site = library.site
    return _kept(request, brand.icon(site.picture, site.colours.accent, size), brand.PNG)


def _kept(request: Request, content: str | bytes, media_type: str) -> Response:
    """Answer with what may be kept for ever where its address names its content."""
    by_content = request.url.query.startswith("v=")
    headers = {"Cache-Control": FOR_A_YEAR if by_content else FOR_AN_HOUR}
    if media_type == brand.SVG:
        headers["Content-Security-Policy"] = SHUT
    return Response(content, media_type=media_type, headers=headers)
