"""Addresses, positions on the map, and small places where something rare happened."""

import re
from collections.abc import Iterator

from kb.identifiers.cues import Cues, listen
from kb.identifiers.dates import MONTH_OR_DAY, days_beside_ages
from kb.identifiers.page import Identifier, Page
from kb.identifiers.people import read_name
from kb.identifiers.words import any_of, said
from kb.vocabulary import IdentifierKind

# --- Addresses --------------------------------------------------------------------------------

BOX_WORDS = (
    "p.o. box",
    "p.o box",
    "po box",
    "p. o. box",
    "private bag",
    "b.p.",
    "bp",
    "boîte postale",
    "apartado postal",
    "apartado",
    "caixa postal",
    "c.p.",
    "s.l.p.",
    "s.l.p",
    "sanduku la posta",
)
BOX_THEN = (
    r"[ \t]{0,2}(?:no\.?|n[°º]|:)?[ \t]{0,2}(?P<number>[A-Z]{0,2}-?\d{1,6})(?![\w/]|[.,]\d|"
    r"[ \t]?(?:mm|%))"
)
HOUSE_WORDS = (
    "house",
    "h",
    "h.",
    "plot",
    "stand",
    "flat",
    "compound",
    "maison",
    "porte",
    "parcelle",
    "concession",
    "casa",
    "lote",
    "manzana",
    "mz",
    "quarteirão",
    "nyumba",
    "kiwanja",
    "kitalu",
    "villa",
    "ilot",
    "îlot",
)
# Words that need no capital; a room, a lot or a stand of a hospital is none of them.
AT_HOME = frozenset(
    {"house", "plot", "flat", "maison", "parcelle", "casa", "lote", "nyumba", "kiwanja", "villa"}
)
HOUSE_THEN = (
    r"(?!\w)(?:\.?[ \t]{0,2}(?:(?:no|num|number|n[°ºo]|nº|namba|número|numéro|#)(?!\w)\.?|#"
    r"|n\.?[°º])[ \t]{0,2}:?[A-Z]{0,2}-?\d{1,5}(?:[/-]?[A-Z\d]{1,4})?"
    r"|(?P<bare>[ ]\d{1,5}(?:[A-Z]|/[A-Z\d]{1,4})))(?!\w)"
)
STREET_BEFORE = (
    "rua",
    "avenida",
    "av.",
    "av",
    "travessa",
    "rue",
    "avenue",
    "boulevard",
    "calle",
    "jirón",
    "jr.",
    "psje.",
    "pje.",
    "pasaje",
    "carrera",
    "barrio",
    "mtaa wa",
    "barabara ya",
    "alameda",
    "callejón",
    "ruelle",
)
STREET_NAME = re.compile(
    r"(?:[ \t](?:de|da|do|dos|das|del|la|las|los|du|des|le|y|e|el|al|ya|wa))?(?:[ \t](?:de|da"
    r"|do|dos|la|los|las))?"
    r"(?:[ \t][^\W\d_][\w’'.-]{0,30}){1,5}?(?:,?[ \t](?:n[°ºo]\.?|nº|no\.|número|numéro|#"
    r"|nyumba namba|casa|porte)?[ \t]?#?\d{1,5}(?:[-/ ]?[A-Z\d]{1,3})?(?!\w|[.,]\d|[ \t](?:de"
    r"|mothers|women|mères|partos|mujeres|femmes|madres|mães|mulheres|children))"
    r"|,?[ \t]s/n(?!\w))|[ \t]\d{1,3}[A-Z]?,?[ \t](?:#|porte|n[°º]|casa)[ \t]?\d{1,4}(?:-\d{1,3})?",
    re.IGNORECASE,
)
BLOCK_BEFORE = (
    "col.",
    "colonia",
    "barrio",
    "bairro",
    "urb.",
    "urbanización",
    "residencial",
    "conjunto",
    "sector",
)
BLOCK_THEN = (
    r"[ ][^\n.;,]{2,40},[ ](?:bloque|casa|lote"
    r"|quadra|quarteirão|q\.|bl\.|mz\.?|manzana|n\.?[°º])[ ]"
    r"[^\n.;,]{1,15}(?:,[ ](?:casa|lote|apto\.?)[ ][^\n.;,]{1,12})?"
)
LIVES_AT_THEN = r"(?!\w)\.?[ ](?P<where>[^,;.\n|]{2,40}(?:[.][ ]?\d{1,4}[^,;.\n|]{0,20})?)"
STREET_AFTER = (
    "street",
    "road",
    "lane",
    "avenue",
    "close",
    "crescent",
    "drive",
    "st.",
    "rd",
    "nagar",
    "marg",
    "colony",
)
NUMBER_AND_NAME = re.compile(
    r"(?:no\.? ?)?\d{1,5}[A-Z]?(?:/\d{1,4})?,?[ ](?:(?:[A-Z][\w’'.-]{1,30}|\d{1,3}(?:st|nd|rd"
    r"|th))[ ]){1,4}$"
)
NUMBER_BEFORE = re.compile(r"(?<![\w.,])\d{1,4}(?:[ ]?bis)?,?[ ]$")


def _box(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    cue = match.group("cue")
    if cue.casefold() in {"bp", "c.p."} and not (cue.isupper() and len(match.group("number")) > 1):
        return
    if cue.casefold() == "bp" and page.language[:2] in {"en", "sw"}:
        return  # blood pressure
    yield page.found(IdentifierKind.ADDRESS, *match.span(), 0.9)


def _house(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    cue = match.group("cue")
    at_home = cue.rstrip(".").casefold() in AT_HOME
    if cue[0].isupper() or (at_home and not match.group("bare")):
        yield page.found(IdentifierKind.ADDRESS, *match.span(), 0.85)


def _block(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    yield page.found(IdentifierKind.ADDRESS, *match.span(), 0.8)


def _lives_at(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    """Find what follows “r/o”, resident of."""
    yield page.found(IdentifierKind.ADDRESS, *match.span("where"), 0.75)


def _street(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    name = STREET_NAME.match(page.text, match.end())
    number = NUMBER_BEFORE.search(page.before(match.start()))
    cue = match.group("cue").rstrip(".")
    if (
        name
        and page.text[match.end() : name.end()].strip()[:1]
        and _has_capital(page.text[match.end() : name.end()])
    ):
        yield page.found(IdentifierKind.ADDRESS, match.start(), name.end(), 0.8)
    elif number and cue.casefold() in {"rue", "avenue", "boulevard", "ruelle"}:
        named = re.compile(
            r"(?:[ \t](?:de|du|des|la|l'|d'))*[ \t]?[^\W\d_][\w’'.-]{0,30}(?:"
            r"[ \t][^\W\d_a-z][\w’'.-]{0,30}){0,3}"
        ).match(page.text, match.end())
        if named and _has_capital(named.group()):
            start = match.start() - len(number.group())
            yield page.found(IdentifierKind.ADDRESS, start, named.end(), 0.85)


def _has_capital(text: str) -> bool:
    return any(c.isupper() for c in text) or any(c.isdigit() for c in text[:8])


def _before_street(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    before = NUMBER_AND_NAME.search(page.before(match.start(), 80))
    if before and match.group()[0].isupper():
        start = match.start() - len(before.group())
        yield page.found(IdentifierKind.ADDRESS, start, match.end(), 0.85)


# --- Positions --------------------------------------------------------------------------------

DECIMAL = re.compile(
    r"(?<![\w.,])(?P<lat>[-−]?\d{1,2}\.\d{3,9})[ ]?°?[ ]?(?P<ns>[NS])?(?:[ ]?[,;/][ ]?"
    r"|[ ]{1,2})(?:lon\w{0,7}\.?[: =]{1,3})?(?P<lon>[-−]?\d{1,3}\.\d{3,9})[ ]?°?[ ]?"
    r"(?P<ew>[EWO])?(?![\w%]|\.\d)"
)
ONE_DECIMAL = re.compile(
    r"(?<!\w)(?:lat(?:itude)?|lon(?:g(?:itude)?)?|latitud|longitud|latitudo"
    r"|longitudo)\.?[ ]{0,2}[:=]?[ ]{0,2}[-−]?\d{1,3}[.,]\d{2,9}°?[ ]?[NSEWO]?(?!\w)",
    re.IGNORECASE,
)
DEGREES = (
    r"\d{1,3}[ ]?°[ ]?\d{1,2}(?:\.\d{1,5})?[ ]?['′’](?:[ ]?\d{1,2}(?:[.,]\d{1,4})?[ ]?"
    r"(?:[\"″”]|''|′′))?"
)
DMS = re.compile(
    rf"(?<!\w)(?:[NSns][ ]?)?{DEGREES}(?:[ ]?[NSns](?!\w))?(?:[ ,;/]{{1,3}}(?:et |y |e |and |na )?"
    rf"(?:[EWO][ ]?)?{DEGREES}(?:[ ]?[EWOew](?!\w))?)?"
)
UTM = re.compile(
    r"(?<!\w)(?:UTM[ :]{1,3})?(?:zone[ ])?\d{1,2}[ ]?[C-HJ-NP-X][,; ]{1,2}(?:E[ ]?)?\d{6,7}"
    r"(?:[ ]?m?E)?[,; ]{1,2}(?:N[ ]?)?\d{6,8}(?:[ ]?m?[NS])?(?!\w)"
)
# Open Location Code: twenty letters and digits, none that reads as another.
PLUS_CODE = re.compile(
    r"(?<![\w+])[23456789CFGHJMPQRVWX]{4}"
    r"(?:[23456789CFGHJMPQRVWX]{4})?\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+])"
)
MAP_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:maps\.app\.goo\.gl|goo\.gl/maps|google\.[a-z.]{2,7}/maps"
    r"|maps\.google\.[a-z.]{2,7}|openstreetmap\.org|osm\.org|what3words\.com|w3w\.co"
    r"|maps\.apple\.com|waze\.com/ul)[/?#][^\s)>\]|]{1,300}",
    re.IGNORECASE,
)
WORDS_3 = re.compile(r"(?<![\w/])///[a-zà-ÿ]{3,20}\.[a-zà-ÿ]{3,20}\.[a-zà-ÿ]{3,20}(?!\w)")
POSITION_WORD = re.compile(
    r"(?<!\w)(?:gps|lat\w{0,6}|lon\w{0,7}|coord\w{0,8}|position|posición|posição|kuratibu"
    r"|location)(?!\w)",
    re.IGNORECASE,
)


def positions(page: Page) -> Iterator[Identifier]:
    """Yield coordinates, plus codes and links to a place on a map."""
    for match in DECIMAL.finditer(page.text):
        if _on_earth(match) and (
            _precise(match) or POSITION_WORD.search(page.before(match.start()))
        ):
            yield page.found(IdentifierKind.COORDINATES, *match.span(), 0.9)
    for form, confidence in ((ONE_DECIMAL, 0.9), (UTM, 0.9), (MAP_LINK, 0.95), (WORDS_3, 0.9)):
        for match in form.finditer(page.text):
            yield page.found(IdentifierKind.COORDINATES, *match.span(), confidence)
    for match in DMS.finditer(page.text):
        yield page.found(IdentifierKind.COORDINATES, *match.span(), 0.9)
    for match in PLUS_CODE.finditer(page.text):
        letters = sum(c.isalpha() for c in match.group())
        if letters > 1:
            yield page.found(IdentifierKind.COORDINATES, *match.span(), 0.9)


def _on_earth(match: "re.Match[str]") -> bool:
    lat, lon = (abs(float(match.group(name).replace("−", "-"))) for name in ("lat", "lon"))
    return lat <= 90 and lon <= 180 and max(lat, lon) > 1


def _precise(match: "re.Match[str]") -> bool:
    """Return whether nobody writes other figures so: letters of the sky, or four decimals twice."""
    decimals = [len(match.group(name).partition(".")[2]) for name in ("lat", "lon")]
    separated = re.search(r"[,;/]", match.group()) is not None
    return bool(match.group("ns") and match.group("ew")) or (min(decimals) > 3 and separated)


# --- Something rare in a small place ------------------------------------------------------------

EVENT = re.compile(rf"(?<!\w)(?:{any_of(said()['events'])})(?!\w)", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<![.!?…;])[.!?…;]++[)\]\"”»’*_]{0,3}\s|\n")
SHORT_WORD = re.compile(
    r"(?:^|[\s(])(?:Mrs|Mr|Ms|Dr|Sr|Sra|Dra|Mme|M|Bw|Dkt|St|no|No|N°|approx|av|Av|Smt)\.$"
)
AT_PLACE = re.compile(
    r"(?<!\w)(?:in|at|from|of|à|au|en|em|huko|katika|de|kutoka)[ \t]$", re.IGNORECASE
)
VILLAGE_BEFORE = re.compile(
    rf"(?<!\w)(?i:{any_of(said()['villages']['before'])})[ \t]?(?=[^\W\d_])"
)
VILLAGE_BESIDE = re.compile(
    r"(?<!\w)[A-ZÀ-Þ][\w’'-]{2,30},[ ](?:a|the|un|une|una|uma|o|la|le)?[ ]?(?:[\w-]{1,15}[ ])?"
    r"(?:village|hamlet|hameau|aldea|caserío|comunidad|povoado|aldeia|comunidade|kijiji)(?!\w)"
)
VILLAGE_AFTER = re.compile(
    rf"(?<!\w)(?:[A-ZÀ-Þ][\w’'-]{{2,30}}[ ]){{1,2}}(?:{any_of(said()['villages']['after'])})(?!\w)"
)
ARTICLE = re.compile(r"(?:El|La|Las|Los|Le|Les|O|A|Os|As)[ ]")
LONGEST_SENTENCE = 1000  # characters: what is longer is a table or a list


def sentences(page: Page) -> Iterator[tuple[int, int]]:
    """Yield where each sentence or line begins and ends."""
    start = 0
    for end in SENTENCE_END.finditer(page.text):
        if page.text[end.start()] == "." and SHORT_WORD.search(
            page.text[max(0, end.start() - 8) : end.start() + 1]
        ):
            continue
        if end.start() > start:
            yield start, end.end()
        start = end.end()
    if start < len(page.text):
        yield start, len(page.text)


def rare_events(page: Page) -> Iterator[Identifier]:
    """Yield the small place beside a date and an event that few people had, and days beside ages.

    The place is what is found: without it, date and event tell nobody's neighbour who it was.
    """
    near: list[tuple[int, int]] = []
    seen: set[int] = set()
    for span in sentences(page):
        if span[1] - span[0] > LONGEST_SENTENCE:
            near = []
            continue
        yield from days_beside_ages(page, *span)
        near = [*near[-2:], span]
        start, end = near[0][0], span[1]
        if not EVENT.search(page.text, start, end) or not MONTH_OR_DAY.search(
            page.text, start, end
        ):
            continue
        for place in _villages(page, start, end):
            if place[0] not in seen:
                seen.add(place[0])
                yield page.found(IdentifierKind.RARE_EVENT, *place, 0.7)


def _villages(page: Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in VILLAGE_AFTER.finditer(page.text, start, end):
        words = match.group().split(" ")
        skip = (
            len(words[0]) + 1 if len(words) > 2 and words[0] in {"In", "At", "From", "The"} else 0
        )
        if words[0] not in {"The", "This", "Each", "Every", "In", "Our"} or skip:
            yield match.start() + skip, match.end()
    for match in VILLAGE_BESIDE.finditer(page.text, start, end):
        yield match.span()
    for match in VILLAGE_BEFORE.finditer(page.text, start, end):
        article = ARTICLE.match(page.text, match.end())
        name = read_name(page, article.end() if article else match.end())
        if name and name.end <= end:
            yield match.start(), name.end


def listen_for_places(cues: Cues) -> None:
    """Add the rules that find addresses."""
    listen(cues, BOX_WORDS, _box, then=BOX_THEN)
    listen(cues, HOUSE_WORDS, _house, then=HOUSE_THEN)
    listen(cues, STREET_BEFORE, _street, then=r"(?=[ \t])")
    listen(cues, BLOCK_BEFORE, _block, then=BLOCK_THEN)
    listen(cues, ["r/o"], _lives_at, then=LIVES_AT_THEN)
    listen(cues, STREET_AFTER, _before_street)
