"""Put the parts together: an opened library in, an application out."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from web.api import routes as api
from web.assets import Assets
from web.errors import explain_errors, refused_cross_site
from web.library import Library
from web.pages import browse, health, home, records, search
from web.render import environment
from web.security import HeadAsGet, RefuseCrossSite, SecurityHeaders

PARTS = (home, search, records, browse, health, api)
SMALL = 500  # bytes that are sent as they are


def create_app(library: Library) -> FastAPI:
    """Build the application."""
    app = FastAPI(
        title=library.settings.name,
        summary="Search a library of what was tried to improve care.",
        version="1",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.library = library
    app.state.templates = environment(library)
    for part in PARTS:
        app.include_router(part.router, include_in_schema=part is api)
    app.mount("/static", Assets(), name="static")
    explain_errors(app)
    # The last one added sees a request first.
    app.add_middleware(RefuseCrossSite, refusal=refused_cross_site)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders)
    return app
