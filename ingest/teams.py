"""Who was in the team: roles, never names; who led it; how many they were."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.amounts import count_words, number
from ingest.phrases import pattern
from ingest.sentences import fold, one_line
from ingest.told import Told, with_role
from kb.content import Evidence
from kb.vocabulary import SectionRole

MOST_WORDS = 9  # of a role; a longer piece is a sentence
MOST_BESIDE = 5  # words of a role that is only known by its place in a list
MOST_ROLES = 20
MOST_SIZE = 60  # people; a larger number counts something else

_PIECES = re.compile(
    r"[,;:.](?=\s|$)|\s(?:and|et|y|e|na|plus|with|as well as|pamoja na)\s(?!its\b)|[()]|\s[–—]\s|\n"
)
_COUNT = re.compile(
    rf"^(?P<count>(?:{count_words()}))\s+|^(?P<one>an?|the|one|un|une|le|la|el|los|las"
    rf"|uma?|o|as?|os)\s+"
)
_TITLE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Sr|Sra|Dra|Mme|M|Bw|Bi|Prof|Nurse|Sister)\.?\s+(?=[A-Z][a-z]+\b)"
)
_QUALIFIER = re.compile(
    r"\s+(?:who|which|that|because|when|qui|que|ambao|ambaye|anayefanya|wanaofanya|joined|did)\b.*$"
)
_TELLS = re.compile(
    r"(?:^|\s)(?:an?|is|was|were|are|has|had|sent|asked|did|sat|met|went|joined|est|sont|esta|era"
    r"|entraram|conduit|eligio)(?:\s|$)"
)
# Words with which a piece begins that tells when, where or how, and names nobody.
_NO_ROLE = re.compile(
    r"(?:in|on|at|from|to|for|who|which|every|each|we|standing|with|one of|two of|\d"
    r"|dans|a|en|de|por"
    r"|para|no|na|kwa|kwenye|tuli\w*|nous|nos|nosotros|reunion\w*|hour|day|met|o'clock)\b"
)
_LABEL = re.compile(r"^[*_]*[^:*_\n]{3,40}?[*_]*:[*_]*\s")
_BRACKETED = re.compile(r"\b(?:team|equipe|equipo|equipa|timu)\s*\(([^()]{10,400})\)")
_LEADS = re.compile(r"\((?:the )?(?:team )?(?:lead|leader|cheffe?|lider|kiongozi|responsable)\)")
_SIZE = re.compile(
    rf"\b(?:we (?:were|are)|team of|unit of|group of|equipe de|equipo de|equipa de|nous etions"
    rf"|nous sommes|somos|eramos|tuko|tulikuwa|timu ya(?: watu)?"
    rf"|tupo)\s+(?P<size>{count_words()})\b"
    r"(?!\s*(?:%|in the ward|beds))"
)


class Team(NamedTuple):
    """A team and the passages it was read from."""

    roles: tuple[str, ...] = ()
    lead: str = ""
    size: int | None = None
    evidence: tuple[Evidence, ...] = ()


def team_of(told: Sequence[Told], *, language: str) -> Team:
    """Return the team that a section, a table of facts or a sentence lists."""
    own = with_role(told, SectionRole.TEAM)
    lines = own or [one for one in told if _speaks_of_team(one, language)]
    roles: list[str] = []
    evidence: list[Evidence] = []
    counts: list[int | None] = []
    listed = None
    for line in lines:
        found = list(_roles_in(line, language, own=bool(own)))
        if not found or (listed is not None and listed != line.section):
            continue
        listed = line.section
        roles += [role for role, _ in found if role not in roles]
        counts += [count for _, count in found]
        evidence.append(line.evidence("team_roles"))
    lead = _lead(lines, language)
    size = _size(lines) or _sum(counts, evidence)
    return Team(
        tuple(roles[:MOST_ROLES]),
        lead[0] if lead else "",
        size[0] if size else None,
        (*evidence, *(one[1] for one in (lead, size) if one)),
    )


def _speaks_of_team(one: Told, language: str) -> bool:
    return bool(pattern("team", language).search(one.folded) or _BRACKETED.search(one.folded))


def role_in(piece: str, language: str) -> str:
    """Return the role that a few words name, without count, article and name; "" for none.

    >>> role_in("two patient attendants", "en"), role_in("Nurse Mary Phiri", "en")
    ('patient attendants', 'Nurse')
    """
    bare = one_line(piece).strip(" .,;:–—-«»\"'")
    while match := _COUNT.match(fold(bare)):
        bare = bare[match.end() :]
    bare = _without_name(_QUALIFIER.sub("", bare)).strip(" .,;:–—-")
    known = pattern("roles", language).search(fold(bare))
    a_role = known and not _TELLS.search(fold(bare)) and len(bare.split()) <= MOST_WORDS
    return bare if a_role else ""


def _without_name(role: str) -> str:
    """Drop capitalised words behind the first that are no acronym: names are not kept."""
    titled = _TITLE.search(role)
    if titled:
        return role[titled.start() :].split(maxsplit=1)[0].rstrip(".")
    first, *rest = role.split()[:1] + role.split()[1:] if role else [""]
    kept = [word for word in rest if not _is_name(word)]
    return " ".join([first, *kept])


def _is_name(word: str) -> bool:
    bare = word.strip("'’.,")
    return bool(re.fullmatch(r"[A-ZÀ-Þ][a-zà-ÿ]+(?:-[A-ZÀ-Þ][a-zà-ÿ]+)?", bare))


def _roles_in(line: Told, language: str, *, own: bool) -> Iterator[tuple[str, int | None]]:
    """Yield the roles that a sentence lists, each with how many there are of it, if it says so."""
    bracketed = _BRACKETED.search(line.folded)
    text = line.text[bracketed.start(1) : bracketed.end(1)] if bracketed else line.text
    text = _LABEL.sub("", re.sub(r"\([^()]*\)", " ", text))
    pieces = [piece for piece in _PIECES.split(text) if piece and piece.strip()]
    found = [(role_in(piece, language), piece) for piece in pieces]
    known = sum(bool(role) for role, _ in found)
    if not known or (known < len(pieces) / 2 and not own) or known * 3 < len(pieces):
        return
    listed = known > 1 and known * 2 >= len(pieces)
    last = ""
    for role, piece in found:
        last = role or (_beside(piece) if listed and last else "")
        if last:
            yield last, _how_many(piece)


def _beside(piece: str) -> str:
    """What stands in a list of roles and is short: a role that phrases.yaml does not know."""
    bare = one_line(piece).strip(" .,;:–—-")
    while match := _COUNT.match(fold(bare)):
        bare = bare[match.end() :]
    bare = _without_name(_QUALIFIER.sub("", bare)).strip()
    sound = not _TELLS.search(fold(bare)) and not _NO_ROLE.match(fold(bare))
    return bare if sound and 0 < len(bare.split()) <= MOST_BESIDE else ""


def _how_many(piece: str) -> int | None:
    match = _COUNT.match(fold(one_line(piece)))
    if match is None:
        return None
    if match["count"]:
        return int(number(match["count"]))
    plural = match["one"] in {"the", "los", "las", "as", "os"} and piece.rstrip().endswith("s")
    return None if plural else 1


def _sum(counts: Sequence[int | None], evidence: Sequence[Evidence]) -> tuple[int, Evidence] | None:
    """How many they are together, where one sentence says of each role how many."""
    known = [count for count in counts if count is not None]
    total = sum(known)
    if len(evidence) != 1 or len(known) < len(counts) or not 1 < total <= MOST_SIZE:
        return None
    return total, evidence[0].model_copy(update={"field": "team_size"})


def _size(lines: Sequence[Told]) -> tuple[int, Evidence] | None:
    for line in lines:
        if match := _SIZE.search(line.folded):
            said = int(number(match["size"]))
            if 1 < said <= MOST_SIZE:
                return said, line.evidence("team_size")
    return None


def _lead(lines: Sequence[Told], language: str) -> tuple[str, Evidence] | None:
    for line in lines:
        marked = _LEADS.search(line.folded)
        if marked:
            piece = _PIECES.split(_LABEL.sub("", line.text[: marked.start()]))[-1]
            if role := role_in(piece or "", language):
                return role, line.evidence("team_lead_role")
        match = pattern("lead", language).search(line.folded)
        if match is None:
            continue
        behind = _PIECES.split(line.text[match.end() :].lstrip(" :"))[0]
        before = _PIECES.split(line.text[: match.start()])[-1]
        role = role_in(behind or "", language) or role_in(before or "", language)
        if role:
            return role, line.evidence("team_lead_role")
    return None
