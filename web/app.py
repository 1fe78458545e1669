"""Put the parts together: an opened library in, an application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from web.api import answer as api_answer
from web.api import collections as api_collections
from web.api import editing as api_editing
from web.api import me as api_me
from web.api import routes as api
from web.api import sending as api_sending
from web.api import similar as api_similar
from web.api.description import describe
from web.assets import Assets
from web.caching import Caching
from web.counting import Count, Counting
from web.errors import (
    explain_errors,
    refused_cross_site,
    refused_elsewhere,
    refused_large,
    refused_often,
)
from web.i18n import Languages
from web.keeping import Keeping
from web.library import Library
from web.limiting import Limiting
from web.measuring import Measures, Measuring
from web.noting import Noting
from web.pages import (
    about,
    answer,
    boards,
    brand,
    browse,
    citations,
    collections,
    compare,
    crawling,
    explore,
    feeds,
    health,
    history,
    home,
    judgements,
    kept,
    letters,
    oai,
    peers,
    records,
    search,
    similar,
    suggest,
    taking,
    templates,
    vocabulary,
    waiting,
)
from web.pages.desk import PARTS as DESK
from web.pages.loop import PARTS as LOOP
from web.pages.people import PARTS as PEOPLE
from web.pages.tell import PARTS as TELL
from web.queueing import Queueing
from web.render import Pages
from web.security import HeadAsGet, OnlyThisComputer, RefuseCrossSite, RefuseLarge, SecurityHeaders
from web.shared_pages import SharedPages
from web.term_files import Kept

API = (api, api_answer, api_similar, api_collections, api_me, api_editing, api_sending)
PARTS = (
    home,
    about,
    waiting,
    brand,
    search,
    suggest,
    answer,
    records,
    history,
    citations,
    taking,
    similar,
    compare,
    collections,
    vocabulary,
    browse,
    explore,
    templates,
    judgements,
    kept,
    letters,
    oai,
    feeds,
    crawling,
    boards,
    peers,
    health,
    *API,
)
SMALL = 500  # bytes that are sent as they are


def create_app(
    library: Library, *, desk: bool = False, read: bool = True, shared: SharedPages | None = None
) -> FastAPI:
    """Build the application.

    With its `desk` it answers nobody but this computer, and lets whoever sits there do all; else
    people sign in. Where nobody will `read` its pages but a program of ours, nothing is counted.
    Several processes of one server give each other the pages that are `shared`.
    """
    app = FastAPI(
        title=library.site.name,
        summary="Search a library of what was tried to improve care.",
        version="1",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_life,
    )
    app.state.library = library
    app.state.desk = desk
    # What the curator looks for is no need of a reader.
    readers = read and not desk
    app.state.noting = Noting(library) if library.settings.learning_needs and readers else None
    app.state.counting = Counting(library) if library.settings.statistics and readers else None
    app.state.templates = Pages(library)
    app.state.term_files = Kept()
    # Bytes of packages that were made, by name, language and form: to be said beside their buttons.
    app.state.sizes = dict[tuple[str, str, str], int]()
    app.router.routes.extend(_routes())
    app.mount("/static", Assets(), name="static")
    explain_errors(app)
    describe(app)
    # The last one added sees a request first.
    if library.engine.dialect.name == "postgresql":
        app.add_middleware(Queueing)
    app.add_middleware(RefuseLarge, refusal=refused_large)
    app.add_middleware(RefuseCrossSite, refusal=refused_cross_site)
    if desk:
        app.add_middleware(OnlyThisComputer, refusal=refused_elsewhere)
    app.add_middleware(Caching)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL)
    if not desk:
        app.add_middleware(Keeping, library=library, shared=shared)
    app.add_middleware(HeadAsGet)
    if app.state.counting:
        app.add_middleware(Count, counting=app.state.counting)
    if not desk:
        app.add_middleware(
            Limiting,
            refusal=refused_often,
            guests=library.settings.api_guests,
            people=library.settings.api_people,
        )
    app.add_middleware(Languages, offered=library.site.languages)
    app.add_middleware(SecurityHeaders)
    if library.settings.log == "json" or library.settings.metrics:
        app.state.measures = Measures(library)
        app.add_middleware(Measuring, measures=app.state.measures)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return the pages and the API as their modules declare them.

    To include their routers would make each route anew, a tenth of a second at the first request.
    """
    routes: list[BaseRoute] = []
    for part in (*PARTS, *PEOPLE, *TELL, *LOOP, *DESK):
        for route in part.router.routes:
            if isinstance(route, APIRoute):
                route.include_in_schema &= part in API
            routes.append(route)
    return tuple(routes)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    if app.state.counting:
        app.state.counting.start()
    yield
    if app.state.counting:
        app.state.counting.stop()
    if app.state.noting:
        app.state.noting.write()
