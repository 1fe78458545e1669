"""The languages of the pages: which one a reader gets, and what a message is called in it."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "es", "pt", "sw", "ar")
CATALOGUES = Path(__file__).parent / "locale"
FIELD = "lang"  # in an address, and the name of the cookie that keeps it
KEPT_FOR_S = 365 * 24 * 3600
MOST_WEIGHED = 20  # parts of an Accept-Language; browsers send less than ten
# Paths whose answers are in no reader's language, by how they begin.
ONE_FOR_ALL = ("/api/", "/static/", "/site.css", "/logo", "/icon-", "/favicon.ico")


@cache
def messages(language: str) -> NullTranslations:
    """Return the messages in one language; English ones stand for themselves.

    The catalogue is read as translators keep it: there is no compiled one that could be older.
    """
    if language == ENGLISH:
        return NullTranslations()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def direction(language: str) -> str:
    """Return which way a language is written, as HTML's `dir` says it.

    >>> direction("ar"), direction("sw")
    ('rtl', 'ltr')
    """
    return Locale.parse(language).text_direction


def own_name(language: str) -> str:
    """Return what a language calls itself.

    >>> own_name("fr"), own_name("sw")
    ('Français', 'Kiswahili')
    """
    name: str = Locale.parse(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def chosen(asked: str, kept: str, accepted: str, offered: Sequence[str]) -> str:
    """Return the language for a reader: asked for here, kept from before, or of the browser.

    Args:
        asked: what the address asks for; empty for nothing.
        kept: what the cookie keeps from an earlier choice.
        accepted: the header Accept-Language.
        offered: the languages of the library; the first is for who knows none of them.

    >>> chosen("", "", "pt-BR,pt;q=0.9,en;q=0.8", ("en", "fr", "pt"))
    'pt'
    >>> chosen("", "", "FR", ("en", "fr", "pt"))
    'fr'
    """
    for language in (asked, kept):
        if language in offered:
            return language
    # In small letters, as ours are: what matches is returned as it was asked for.
    wanted = [tag.replace("-", "_").lower() for tag in _by_weight(accepted)]
    return negotiate_locale(wanted, list(offered), sep="_") or offered[0]


def _by_weight(accepted: str) -> list[str]:
    weighed = []
    for place, part in enumerate(accepted.split(",")[:MOST_WEIGHED]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag))
        except ValueError:  # not a weight: the browser does not say how much it wants it
            continue
    return [tag for _, _, tag in sorted(weighed)]


class Languages:
    """Put the reader's language into `request.state.language`, and keep a choice in a cookie."""

    def __init__(self, app: ASGIApp, offered: Sequence[str]) -> None:
        self.app = app
        self.offered = offered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its language, and say on the way back which one it was."""
        if scope["type"] != "http" or scope["path"].startswith(ONE_FOR_ALL):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get(FIELD, "")
        kept = cookie_parser(headers.get("cookie", "")).get(FIELD, "")
        language = chosen(asked, kept, headers.get("accept-language", ""), self.offered)
        scope.setdefault("state", {})["language"] = language

        async def send_in_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.setdefault("Content-Language", language)
                answer.add_vary_header("Accept-Language, Cookie")
                if asked == language and kept != language:
                    answer.append("Set-Cookie", _cookie(language, secure=_is_https(scope)))
            await send(message)

        await self.app(scope, receive, send_in_language)


def _is_https(scope: Scope) -> bool:
    return bool(scope["scheme"] == "https")


def _cookie(language: str, *, secure: bool) -> str:
    # It holds two letters and names nobody, so that no page needs to ask before it is set.
    end = "; Secure" if secure else ""
    return f"{FIELD}={language}; Max-Age={KEPT_FOR_S}; Path=/; SameSite=Lax; HttpOnly{end}"
