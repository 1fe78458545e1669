"""Where it happened: country, region, district and facility, each with the sentence that says so.

Country names come from `kb.countries`; what else suggests a country is in countries.yaml. The rest
is read from the line near the top that most stories have: facility, district, region, country. What
is not said stays empty.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from ingest.grids import grids
from ingest.sentences import fold, one_line, sentences
from kb import countries
from kb.content import Place, Section
from kb.vocabulary import FacilityType, SectionRole

# What a cue counts for. A name or a region near the top outweighs a name in the text.
NAME, REGION, WORD, NEAR_TOP = 2.0, 1.5, 0.5, 3.0
TOP = 1200  # characters that count as the top of the text

_NAMED = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"  # a word that begins with a capital
_OF = r"(?: +(?:de|du|des|da|do|dos|la|le|el|los|las|ya|wa|na)| +d['’]| +l['’])*"
_NAMES = rf"{_NAMED}(?:{_OF}[ '’]*{_NAMED}){{0,3}}"

_EN_TYPES = (
    r"Health Cent(?:re|er)(?: (?:I{1,3}|IV))?|Health Post|Health Complex|Clinic|Dispensary"
    r"|Maternity (?:Post|Home)|Hospital|Health Station|Polyclinic"
)
_FACILITY = (
    re.compile(rf"\b({_NAMED}(?:[ -]+{_NAMED}){{0,4}} +(?:{_EN_TYPES}))(?![\w-])"),
    re.compile(
        r"\b((?:[Cc]entre (?:de santé|médical|hospitalier)(?: d['’]arrondissement)?"
        r"|[Hh]ôpital (?:général|de district|régional|de zone)?|CMA|CSPS|CSCom|CSRéf|Poste de santé"
        r"|Centro de (?:Salud|Saúde)|Hospital (?:Rural|Distrital|Geral|de Área|General|Regional)?"
        r"|CAP|Puesto de Salud|Centro Materno-Infantil|Posto de Saúde|Puskesmas"
        rf"|Kituo cha [Aa]fya|Zahanati|Hospitali){_OF}[ '’]+{_NAMES})"
    ),
)
# A type with nothing before it, or with a word that no name begins with, names no facility.
_NO_NAME = re.compile(
    r"^(?:the|our|a|an|each|every|this|that|one|all|in|at|from|of|and|district|regional|national"
    r"|rural|general|referral|teaching|primary|community|provincial|central|mission)\b",
    re.IGNORECASE,
)
_TYPES = {
    FacilityType.MOBILE_CLINIC: r"mobile clinic|clinique mobile|clinica mov",
    FacilityType.TERTIARY_HOSPITAL: r"teaching|universit|national referral|\bchu\b"
    r"|central hospital|hospital central",
    FacilityType.REGIONAL_HOSPITAL: r"(?:regional|provincial) (?:referral )?hospital|\bchr\b"
    r"|hopital regional|hospital (?:regional|provincial)|rufaa ya mkoa",
    FacilityType.MATERNITY_HOME: r"maternity (?:post|home)|materno-infantil|casa materna"
    r"|maison de naissance|casa de parto",
    FacilityType.FIRST_REFERRAL_HOSPITAL: r"upazila health complex|hospital|hopital|\bcma\b|csref",
    FacilityType.HEALTH_POST: r"health post|dispensary|zahanati|poste de sante|puesto de salud"
    r"|posto de saude|aid post",
    FacilityType.HEALTH_CENTRE: r"health cent|clinic|cent\w+ de (?:sante|salud|saude)|csps|cscom"
    r"|kituo cha afya|puskesmas|\bubs\b|\bcap\b|atencion permanente",
}  # the first that fits, so the special stand before the general
_ADMIN1 = re.compile(
    r"^(?:(?:la |le )?(?:région|region|province|provincia|província|estado|departamento|mkoa|kaunti"
    r"|jimbo)\s+(?:de la\s|de\s|du\s|da\s|do\s|d['’]|wa\s|ya\s)?(?P<after>.+)"
    r"|(?P<before>.+?)\s+(?:region|province|state|county|division))$",
    re.IGNORECASE,
)
_ADMIN2 = re.compile(
    r"^(?:(?:le )?(?:district(?: sanitaire)?|zone de santé|commune|département|municipio|município"
    r"|distrito|wilaya|woreda)\s+(?:de la\s|de\s|du\s|da\s|do\s|d['’]|ya\s|wa\s)?(?P<after>.+)"
    r"|(?P<before>.+?)\s+(?:district|woreda|upazila|sub-county|zone|municipality|taluka|municipal"
    r"|sub-district))$",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:north|south|east|west|central|northern|southern|eastern|western|upper|lower)"
    r"(?: (?:north|south|east|west|river|central))?$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[\W_]*([^\W\d][\w ]{2,20}?)[\W_]*:[\W_]*(.+)$")
_COLUMNS = {
    "facility": "facility hospital structure etablissement servicio establecimiento unidade kituo",
    "admin2": "district distrito municipio wilaya woreda commune",
    "admin1": "region province departamento provincia mkoa state county",
    "": "where place location lieu lugar local eneo from",
}
# Of a running text: what stands before or behind the word for a district.
_DISTRICT = re.compile(
    rf"\b(?:(?P<before>{_NAMED}(?: {_NAMED})?) (?:[Dd]istrict|[Ww]oreda|[Uu]pazila|Zone\b)"
    r"|(?:district(?: sanitaire)?|zone de santé|distrito|município|municipio|[Ww]ilaya)"
    rf"(?: de la| de| du| da| do| ya| d['’])[ ]?(?P<after>{_NAMES}))"
)
# Names that are also ordinary words at the beginning of a sentence.
ORDINARY = frozenset({"reunion", "reuniao", "jersey"})


class Where(NamedTuple):
    """A place, the sentence for each of its fields, and what is not sure."""

    place: Place
    evidence: Mapping[str, str]
    doubts: tuple[str, ...]


class Country(NamedTuple):
    """A country that the text names or suggests."""

    code: str  # ISO 3166-1 alpha-3
    score: float
    named: bool  # by its name, not only by a region or a word
    cue: str  # the name or word that stands first
    evidence: str  # the sentence it stands in


def place_of(title: str, sections: Sequence[Section]) -> Where:
    """Return the place of the work; an empty field means that the text does not say."""
    text = "\n\n".join([title, *(f"{one.heading}\n\n{one.body}" for one in sections)])
    doubts: list[str] = []
    country = _country(text, doubts)
    fields, evidence = _fields(title, sections)
    for field, (name, sentence) in {
        "facility": _facility(title, text),
        "admin1": _region(text, country),
        "admin2": _district(title, text),
    }.items():
        if name and field not in fields:
            fields[field], evidence[field] = name, sentence
    facility = fields.get("facility", "")
    place = Place(
        country=country.code if country else "",
        admin1=fields.get("admin1", ""),
        admin2=fields.get("admin2", ""),
        facility=facility,
        facility_type=type_of(facility),
    )
    if country:
        evidence["country"] = country.evidence
    return Where(place, evidence, tuple(doubts))


def type_of(facility: str) -> FacilityType | None:
    """Return the kind of facility that its name says, or None."""
    folded = fold(facility)
    return next(
        (kind for kind, words in _TYPES.items() if folded and re.search(words, folded)), None
    )


def countries_in(text: str) -> list[Country]:
    """Return the countries that `text` names or suggests, the most likely first."""
    scores: dict[str, float] = defaultdict(float)
    named: set[str] = set()
    first: dict[str, tuple[int, str]] = {}
    for code, weight, start, cue in _cues(text):
        near = NEAR_TOP if start < TOP and code not in first else 1.0
        scores[code] += weight * near
        if code not in first or (weight == NAME and code not in named):
            first[code] = start, cue
        if weight == NAME:
            named.add(code)
    order = sorted(scores, key=lambda code: (code not in named, -scores[code]))
    return [
        Country(
            code, scores[code], code in named, first[code][1], _sentence_at(text, first[code][0])
        )
        for code in order
    ]


def _country(text: str, doubts: list[str]) -> Country | None:
    found = countries_in(text)
    if not found:
        doubts.append("No country was found.")
        return None
    best, *others = found
    rivals = [other for other in others if other.named == best.named]
    if rivals and rivals[0].score >= best.score:
        codes = ", ".join(one.code for one in (best, *rivals) if one.score >= best.score)
        doubts.append(f"Several countries are named: {codes}.")
        return None
    if not best.named:
        doubts.append(f"The country ({best.code}) is only read from “{best.cue}”.")
    return best


def _cues(text: str) -> Iterator[tuple[str, float, int, str]]:
    folded = fold(text)
    pattern, meaning = _vocabulary()
    for match in pattern.finditer(folded):
        if match.end() < len(text) and folded[match.end()] == "-":
            continue
        code, weight, capital = meaning[match[0]]
        if not capital or text[match.start()].isupper():
            yield code, weight, match.start(), text[match.start() : match.end()]


@cache
def _vocabulary() -> tuple[re.Pattern[str], dict[str, tuple[str, float, bool]]]:
    """Each folded cue: its country, what it counts for, and whether it begins with a capital."""
    meaning: dict[str, tuple[str, float, bool]] = {}
    text = Path(__file__).with_name("countries.yaml").read_text(encoding="utf-8")
    for code, said in yaml.safe_load(text).items():
        meaning |= {fold(str(word)): (code, WORD, str(word)[0].isupper()) for word in said["words"]}
        meaning |= {fold(region): (code, REGION, True) for region in said["regions"]}
    for name, code in countries.other_names().items():
        meaning[fold(name)] = (code, NAME, True)
    for name, code in countries.names().items():
        if len(name) > 3 and fold(name) not in ORDINARY:  # noqa: PLR2004
            meaning.setdefault(fold(name), (code, NAME, True))
    words = "|".join(re.escape(word) for word in sorted(meaning, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words})(?!\w)"), meaning


def _facility(title: str, text: str) -> tuple[str, str]:
    """Return the facility that is named first, title before text, and its sentence."""
    for where in (title, text[:TOP]):
        for pattern in _FACILITY:
            for match in pattern.finditer(where):
                name = _without_article(match[1])
                if name:
                    name = name[0].upper() + name[1:]
                    return name, _sentence_at(text, max(0, text.find(match[1])))
    return "", ""


def _region(text: str, country: Country | None) -> tuple[str, str]:
    """Return the one region of the country that the top of the text names."""
    found = {
        cue: start
        for code, weight, start, cue in _cues(text[:TOP])
        if country and code == country.code and weight == REGION
    }
    if len(found) != 1:
        return "", ""
    ((name, start),) = found.items()
    return name, _sentence_at(text, start)


def _district(title: str, text: str) -> tuple[str, str]:
    for where in (title, text[:TOP]):
        for match in _DISTRICT.finditer(where):
            name = match["after"] or _without_article(f"{match['before']} X").removesuffix(" X")
            if name:
                return name, _sentence_at(text, max(0, text.find(match[0])))
    return "", ""


def _without_article(name: str) -> str:
    """Drop words that only lead to the name; "" when nothing of a name is left."""
    words = one_line(name).split()
    while words and _NO_NAME.match(words[0]):
        words = words[1:]
    rest = " ".join(words)
    return rest if len(words) > 1 and not re.fullmatch(_EN_TYPES, rest) else ""


def _fields(title: str, sections: Sequence[Section]) -> tuple[dict[str, str], dict[str, str]]:
    """Return facility, district and region as the top of the text lists them."""
    fields: dict[str, str] = {}
    evidence: dict[str, str] = {}
    for line, field in _place_lines(title, sections):
        found = _listed(line, field)
        if field in found or len(found) > 1:
            new = {name: value for name, value in found.items() if name not in fields}
            fields |= new
            evidence |= dict.fromkeys(new, line)
    return fields, evidence


def _place_lines(title: str, sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """Yield what may list a place, with the field that its label names, if any."""
    top = [one for one in sections[:3] if one.role in (SectionRole.CONTEXT, SectionRole.OTHER)]
    for section in top:
        for grid in grids(section.body):
            for name, cell in _labelled(grid.header, grid.rows):
                if (field := _column_field(name)) is not None:
                    yield one_line(cell), field
        for line in section.body[:TOP].splitlines():
            label = _LABEL.match(line)
            if label and (field := _column_field(label[1])) is not None:
                yield one_line(label[2]), field
        for sentence in sentences(section.body[:TOP]):
            if not sentence.text.startswith("|"):
                yield sentence.text, ""
    yield title, ""


def _column_field(name: str) -> str | None:
    """Return the field of a column or label, "" for one that may hold any, None for others."""
    word = fold(name).strip(" :*").split(" ")[0]
    return next((field for field, words in _COLUMNS.items() if word in words.split()), None)


def _labelled(
    header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[str, str]]:
    """Yield name and value of a table that runs across, or down in two columns."""
    if rows:
        yield from zip(header, rows[0], strict=True)
    for row in (header, *rows):
        if len(row) == 2:  # noqa: PLR2004
            yield row[0], row[1]


def _listed(line: str, field: str) -> dict[str, str]:
    """Return the fields of a list such as "Mto Mwema Health Centre, Muheza District, Tanga"."""
    found: dict[str, str] = {}
    bare: list[str] = []
    for part in _list_parts(line):
        kind, name = _kind_of(part)
        if kind in ("facility", "admin2"):
            bare = []  # narrower than what is named here
        if kind == "bare":
            bare.append(name)
        elif kind:
            found.setdefault(kind, name)
        elif found or bare:
            break
    if field and field not in found and bare:
        found[field] = bare.pop(0)
    open_fields = [name for name in ("admin2", "admin1") if name not in found]
    listed = found.keys() & {"facility", "admin1", "admin2", "country"} or field
    if listed and len(bare) == 1 and len(open_fields) == 2 and _is_region(bare[0]):  # noqa: PLR2004
        open_fields = ["admin1"]
    if listed and bare:
        found |= dict(zip(open_fields, bare, strict=False))
    found.pop("country", None)
    return found


def _list_parts(line: str) -> list[str]:
    bare = re.sub(r"\([^)]*\)", "", one_line(line))
    return [part.strip(" .:*_·") for part in re.split(r",|\s[—–·]\s|\.(?:\s|$)|;", bare) if part]


def _kind_of(part: str) -> tuple[str, str]:
    """Return what a part of a list is: facility, admin1, admin2, country, bare or ""."""
    for pattern in _FACILITY:
        match = pattern.search(part)
        if match and _without_article(match[1]):
            return "facility", _without_article(match[1])
    names = countries_in(part)
    if names and names[0].named and len(part.split()) <= 4:  # noqa: PLR2004
        return "country", names[0].code
    if names and (region := next((one.cue for one in names if _is_region(one.cue)), "")):
        return "admin1", region
    for kind, pattern in (("admin2", _ADMIN2), ("admin1", _ADMIN1)):
        if match := pattern.match(part):
            name = _names_only(match["after"] or match["before"])
            return (kind, part if _GENERIC.match(name) else name) if name else ("", "")
    name = _names_only(part) if len(part.split()) <= 4 else ""  # noqa: PLR2004
    return ("bare", name) if name else ("", "")


def _names_only(text: str) -> str:
    """Return the run of names that ends `text`, or "" where it does not end in one."""
    match = re.search(rf"(?:^|\s)({_NAMES})$", text.strip())
    return match[1] if match else ""


def _is_region(name: str) -> bool:
    return any(weight == REGION and cue == name for _, weight, _, cue in _cues(name))


def _sentence_at(text: str, place: int) -> str:
    return next((one.text for one in sentences(text) if one.start <= place < one.end), "")
