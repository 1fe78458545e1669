"""Turn a template into a response: the whole page, or the part htmx asked for."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import CodeType
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined, nodes, pass_context
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, escape

from kb import markup
from kb.palette import DARK, LIGHT
from kb.people import NOBODY
from kb.sidebyside import shortened
from kb.taxonomy import Taxonomy
from search.query import Span
from web import brand, meta, telling
from web.assets import asset
from web.i18n import ENGLISH, FIELD, direction, messages, own_name
from web.library import Library
from web.marking import with_marks
from web.names import Names
from web.noted import noted
from web.pictures.sparkline import sparkline
from web.pictures.world import locator
from web.sharing import qr_code, share_text, shorten, spoken, whatsapp

EXCERPT = 320  # characters of a passage in a list of hits
# Pictures beside the same in words or numbers: who pays for each kilobyte does without.
ONLY_PRETTY: Final[Mapping[str, Callable[..., Markup]]] = {
    "sparkline": sparkline,
    "locator": locator,
}
VARY = "HX-Request, HX-History-Restore-Request, Save-Data"


class Translated(BytecodeCache):
    """What templates were translated to, for all languages and libraries of this process.

    That takes half a second for a reader's pages.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the template what it was translated to before, if it was."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember what a template was translated to."""
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


TRANSLATED: Final = Translated()


class Translator(CodeGenerator):
    """Leaves filters to the moment a page is made: each language has its own."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        if isinstance(node, nodes.Filter) or node.find(nodes.Filter):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class Pages:
    """The templates of a library, ready in each language that a reader asked for.

    Labels are in them: after a change of the taxonomy they are made ready again.

    Those for readers who save data are a set of their own, so that macros know it too.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ready: dict[tuple[str, bool], tuple[Taxonomy, Environment]] = {}

    def of(self, language: str, *, save_data: bool = False) -> Environment:
        """Return the templates in one language."""
        key, taxonomy = (language, save_data), self._library.taxonomy
        known, templates = self._ready.get(key, (None, None))
        if templates is None or known is not taxonomy:
            templates = environment(self._library, language, save_data=save_data)
            self._ready[key] = taxonomy, templates
        return templates

    def get_ready(self) -> None:
        """Translate the templates of readers' pages, so that no reader waits for that."""
        templates = self.of(ENGLISH)
        for name in templates.list_templates(filter_func=lambda name: "/" not in name):
            templates.get_template(name)


def environment(
    library: Library, language: str = ENGLISH, *, save_data: bool = False
) -> Environment:
    """Return the templates of a library: its name, its labels, and how values are written."""
    names = Names(library.taxonomy, language)
    env = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,  # else each part of each page asks the disk whether it changed
        bytecode_cache=TRANSLATED,
        optimized=False,  # it works out filters, too
        extensions=["jinja2.ext.i18n"],
    )
    env.code_generator_class = Translator
    env.install_gettext_translations(messages(language), newstyle=True)  # type: ignore[attr-defined]
    env.policies["ext.i18n.trimmed"] = True
    plurals: Any = env.globals["ngettext"]
    env.globals["ngettext"] = _counting(plurals, names)
    env.globals |= {
        **_own(library, language),
        "names": names,
        "direction": direction,
        "asset": asset,
        "save_data": save_data,
    }
    env.filters |= {
        name: _left_out if save_data else picture for name, picture in ONLY_PRETTY.items()
    }
    env.filters |= {
        "concept": names.concept,
        "country": names.country,
        "tongue": names.tongue,
        "figure": names.figure,
        "noted": noted,
        "number": names.number,
        "amount": names.amount,
        "percent": names.percent,
        "extent": telling.extent,
        "og_locale": meta.og_locale,
        "month": names.month,
        "day": names.day,
        "year": names.year,
        "size": names.size,
        "plain": str,
        "to_html": markup.to_html,
        "to_text": markup.to_text,
        "age": names.age,
        "marked": marked,
        "with_marks": with_marks,
        "excerpt": excerpt,
        "listed": listed,
        "qr_code": qr_code,
        "share_text": lambda record, link: share_text(record, names, link),
        "shorten": shorten,
        "shortened": shortened,
        "spoken": spoken,
        "whatsapp": whatsapp,
    }
    return env


def _left_out(*_anything: object) -> Markup:
    return Markup()


def _counting(ngettext: Callable[..., str], names: Names) -> Callable[..., str]:
    """Return the `ngettext` of templates that writes `%(num)s` as the reader's language does."""

    @pass_context
    def counting(context: Context, one: str, many: str, n: int, **values: Any) -> str:
        return ngettext(context, one, many, n, **{"num": names.number(n)} | values)

    return counting


def _own(library: Library, language: str) -> dict[str, Any]:
    """Return what templates say of the library itself, of its site file."""
    site = library.site
    return {
        "site": site,
        "library_name": site.called(language),
        "short_name": site.called_in_short(language),
        "own": partial(site.text, language=language),
        "face": {
            "style": brand.style_address(site),
            "logo": brand.logo_address(site) if site.picture else "",
            "logo_width": brand.logo_width(site, brand.SHOWN_HEIGHT),
            "logo_height": brand.SHOWN_HEIGHT,
            "mark": brand.logo_address(site),
            "icon": brand.icon_address(site, min(brand.ICON_SIZES)),
            "light": LIGHT.card,
            "dark": DARK.card,
        },
    }


def page(
    request: Request, template: str, *, part: str = "", status: int = 200, **context: Any
) -> HTMLResponse:
    """Render `template`, or only `part` of it when htmx will swap it in."""
    name = part if part and wants_part(request) else template
    pages: Pages = request.app.state.templates
    here = {
        "path": request.url.path,
        "canonical": address(request),
        "home": address(request, "/"),
        "in_languages": in_languages(request),
        "person": getattr(
            request.state, "person", NOBODY
        ),  # an error may come before anybody asked
    }
    templates = pages.of(language_of(request), save_data=saves_data(request))
    html = templates.get_template(name).render(here | context)
    return HTMLResponse(html, status, headers={"Vary": VARY})


def shown_next(request: Request, address: str, *, part: bool = False) -> Response:
    """Answer a form with the page to see now; `part` says that htmx may stay on this one."""
    if wants_part(request) and not part:
        return Response(status_code=204, headers={"HX-Redirect": address, "Vary": VARY})
    return RedirectResponse(address, 303, headers={"Vary": VARY})


def wants_part(request: Request) -> bool:
    """Tell whether htmx wants a fragment; going back in history needs the page."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def saves_data(request: Request) -> bool:
    """Tell whether the reader pays for each kilobyte: pages then leave out what is only pretty."""
    return request.headers.get("save-data", "").strip().lower() == "on"


def address(request: Request, path: str | None = None) -> str:
    """Return the public address of this page without its query, or of another `path`."""
    library: Library = request.app.state.library
    base = library.settings.base_url or str(request.base_url)
    return base.rstrip("/") + (request.url.path if path is None else path)


def language_of(request: Request) -> str:
    """Return the language of the reader; English where none was asked about, as for a bug."""
    language: str = getattr(request.state, "language", ENGLISH)
    return language


def in_languages(request: Request) -> dict[str, tuple[str, str]]:
    """Return for each language its own name, and the address of this page in it."""
    asked = parse_qsl(request.url.query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name != FIELD]
    here = address(request)
    library: Library = request.app.state.library
    return {
        language: (own_name(language), f"{here}?{urlencode([*kept, (FIELD, language)])}")
        for language in library.site.languages
    }


def listed(record_ids: Sequence[int]) -> str:
    """Return the address of these records: of the one, or of the list of them.

    >>> listed((7,)), listed((7, 9))
    ('/records/7', '/records?ids=7,9')
    """
    ids = ",".join(map(str, record_ids))
    return f"/records?ids={ids}" if len(record_ids) > 1 else f"/records/{ids}"


def marked(text: str, spans: Sequence[Span]) -> Markup:
    """Return plain text with what stands at `spans` highlighted: escaped first, marked after.

    >>> marked("One <hour>", ((5, 9),))
    Markup('One &lt;<mark>hour</mark>&gt;')
    """
    pieces: list[Markup] = []
    end = 0
    for start, stop in sorted(spans):
        pieces += [escape(text[end:start]), Markup("<mark>{}</mark>").format(text[start:stop])]
        end = stop
    return Markup("").join([*pieces, escape(text[end:])]).replace("\n", " · ")


def excerpt(text: str, spans: Sequence[Span], length: int = EXCERPT) -> Markup:
    """Return about `length` characters of `text` with as many highlights as fit; whole words.

    >>> excerpt("Nobody read the poster that we hung on the wall", ((16, 22),), 20)
    Markup('… the <mark>poster</mark> that we …')
    """
    first = max((start for start, _ in spans), key=lambda s: _within(spans, s, length), default=0)
    start = _word_start(text, max(0, min(first - length // 4, len(text) - length)))
    end = len(text) if start + length >= len(text) else text.rfind(" ", start, start + length)
    end = end if end > start else start + length
    kept = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return before + marked(text[start:end], kept) + after


def _within(spans: Sequence[Span], start: int, length: int) -> int:
    room = start + length - length // 4
    return sum(start <= a and b <= room for a, b in spans)


def _word_start(text: str, start: int) -> int:
    return text.find(" ", start) + 1 if start and text[start - 1] != " " else start
