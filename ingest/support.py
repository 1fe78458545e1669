"""Help that a team got, and help that it asks for."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.costs import money_in
from ingest.phrases import pattern
from ingest.sentences import fold, one_line
from ingest.told import Told
from kb.content import Evidence, SupportReceived, SupportRequest
from kb.vocabulary import Level, SectionRole

NEAR = 30  # characters between who gave and the word of giving
MOST = 10  # of each kind
LEAST_WORDS = 4  # of a request; fewer are a name

# Headings under which everything is asked for.
_ASKING = re.compile(
    r"\b(?:needs?|needed|ask|asks|asking|request|requests|demandons|demande|manque|besoins"
    r"|necesitamos|pedimos|necesario|falta|precisamos|necessario|tunachohitaji"
    r"|tunachoomba|maombi)\b"
)
_OWN_NEEDS = re.compile(r"^\W*\d*\W*(?:needs|besoins|necesidades|necessidades|mahitaji)\W*$")
_MISSING = re.compile(
    r"^\W*\d*\W*(?:que falta|ce qui (?:nous )?manque|o que falta|what is missing)\W*$"
)
_WE_PAID = re.compile(r"\b(?:we (?:had )?paid|we (?:had )?bought|nous avons (?:paye|achete))\b")
_RECEIVED = re.compile(r"\b(?:received|recue?|recibido|recebido|tuliopata|help from)\b")
_ACTIVITY = re.compile(r"\b(?:visits? made|visites?,|activity only)\b")
_LEVELS = (
    (Level.NATIONAL, r"\b(?:national|ministr\w+|nacional|ministere|taifa|wizara)\b"),
    (Level.REGION, r"\b(?:region\w*|provinc\w*|diresa|zonal|mkoa|state|departament\w*|county)\b"),
    (Level.DISTRICT, r"\b(?:district\w*|distrit\w*|woreda|wilaya|sub-county|municip\w*|red)\b"),
)
_END_OF_NAME = re.compile(
    r"[,.;:()]|\b(?:and|who|which|that|to|for|in|with|during|et|qui|pour|dans|y|que"
    r"|para|e|em|kwa|ya"
    r"|together)\b"
)


class Read(NamedTuple):
    """Support received and asked for, and the passages they were read from."""

    received: tuple[SupportReceived, ...]
    requests: tuple[SupportRequest, ...]
    evidence: tuple[Evidence, ...]


def support_of(told: Sequence[Told], *, language: str) -> Read:
    """Return the help received and the help asked for, each told by a sentence of its own."""
    asked = list(_asked(told, language))[:MOST]
    got = [one for one in _got(told, language) if one not in asked][:MOST]
    received, requests, evidence = [], [], []
    for number, one in enumerate(got):
        giver = _giver(one, language)
        received.append(SupportReceived(what=one_line(one.text), from_whom=giver))
        evidence.append(one.evidence(f"support_received.{number}.what"))
        if giver:
            evidence.append(one.evidence(f"support_received.{number}.from_whom"))
    for number, one in enumerate(asked):
        level = _level(one)
        requests.append(SupportRequest(text=one_line(one.text), from_level=level))
        evidence.append(one.evidence(f"support_requests.{number}.text"))
    return Read(tuple(received), tuple(requests), tuple(evidence))


def _asked(told: Sequence[Told], language: str) -> Iterator[Told]:
    words = pattern("support_needed", language)
    for one in told:
        heading = fold(one.heading)
        of_section = one.role is SectionRole.SUPPORT and _ASKING.search(heading)
        of_section = of_section or _OWN_NEEDS.match(heading) or _MISSING.match(heading)
        if one.role is SectionRole.COST and money_in(one.folded):
            continue
        says = words.search(one.folded) and one.role in _MAY_ASK
        if (of_section or says) and len(one.text.split()) >= LEAST_WORDS:
            yield one


_MAY_ASK = {
    SectionRole.SUPPORT, SectionRole.SUSTAINABILITY, SectionRole.OTHER, SectionRole.CONCLUSION,
    SectionRole.DID_NOT_WORK, SectionRole.COST, SectionRole.LOGISTICS, SectionRole.ADVICE,
}  # fmt: skip


def _got(told: Sequence[Told], language: str) -> Iterator[Told]:
    words = pattern("support_received", language)
    for one in told:
        heading = fold(one.heading)
        of_section = (
            one.role is SectionRole.SUPPORT
            and not _ASKING.search(heading)
            and not _ACTIVITY.search(heading)
            and _RECEIVED.search(heading)
        )
        says = one.role not in _NEVER_GOT and (
            words.search(one.folded) or _somebody_gave(one, language)
        )
        if _WE_PAID.search(one.folded):
            continue
        if (of_section or says) and len(one.text.split()) >= LEAST_WORDS:
            yield one


def _somebody_gave(one: Told, language: str) -> bool:
    """Whether a partner, a committee or an office stands before or behind a word of giving."""
    givers = [match.span() for match in pattern("givers", language).finditer(one.folded)]
    acts = [match.span() for match in pattern("gave", language).finditer(one.folded)]
    passive = [match.span() for match in pattern("given_by", language).finditer(one.folded)]
    return any(0 <= act[0] - giver[1] <= NEAR for giver in givers for act in acts) or any(
        0 <= giver[0] - act[1] <= NEAR for giver in givers for act in passive
    )


_NEVER_GOT = {
    SectionRole.AIM, SectionRole.PROBLEM, SectionRole.CAUSES, SectionRole.ADVICE,
    SectionRole.REFERENCES, SectionRole.COMMUNITY, SectionRole.MEASURES, SectionRole.POLICY,
}  # fmt: skip


def _giver(one: Told, language: str) -> str:
    """Who gave it: the words behind "paid by" or "donated by"."""
    match = pattern("support_received", language).search(one.folded)
    if match is None or not re.search(r"\b(?:by|par|por|pela|pelo|na|from|de)$", match[0]):
        return ""
    end = _END_OF_NAME.search(one.folded, match.end() + 1)
    name = one.text[match.end() : end.start() if end else len(one.text)]
    return one_line(name).strip()


def _level(one: Told) -> Level:
    place = f"{one.folded} {fold(one.heading)}"
    return next((level for level, words in _LEVELS if re.search(words, place)), Level.DISTRICT)
