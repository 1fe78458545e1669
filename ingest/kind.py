"""What kind of document it is, and which level of the health system speaks."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ingest.document import Format
from ingest.sentences import fold, one_line
from kb.content import Section
from kb.vocabulary import Level, RecordType, SectionRole

TOP = 900  # characters in which a document says who speaks

_NUMBER = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|several|\d{1,2}"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|quinze|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve|diez|doce|duas|dois|quatro|sete|oito|nove|dez|doze|tisa|sita|tano)"
)
_SITES = (
    r"(?:(?:referral |upazila |district |rural |primary |public )?(?:health centres?|facilities"
    r"|hospitals|clinics|sites|dispensaries)|centres de sante|structures|formations sanitaires"
    r"|cscom|csps|establecimientos|centros de salud|centros de saude|unidades|ubs|vituo)"
)
_AREAS = (
    r"(?:districts|counties|states|provinces|regions|departamentos|provincias|estados|departements)"
)
# Who speaks, the widest first. Matched against the folded title and top of the text.
_LEVELS = {
    Level.NATIONAL: (
        r"\b(?:national(?:e|ly)? (?:roll-?out|programme|program|newborn|maternal|level|review"
        r"|policy|strategy|secretariat|quality)|programme national|programa nacional"
        r"|ministry of health|ministere de la sante|ministerio de salud|ministerio da saude"
        rf"|wizara ya afya)|\b(?:{_NUMBER} departamentos|todos los {_AREAS})"
    ),
    Level.REGION: (
        rf"\bprovincial (?:quality|health|cell)|\bregional (?:health|office)|\b{_NUMBER} {_AREAS}"
        r"|\bcounty directors\b|\b(?:province|region|state), \w+ (?:referral )?hospitals"
    ),
    Level.DISTRICT: (
        rf"\b{_NUMBER} {_SITES}\b|\b(?:sub-?)?(?:district|woreda|upazila|zonal|municipal) health "
        r"(?:office|directorate|team|department|bureau)|\bdistrict management team"
        r"|\bsecretaria municipal|\bequipe[- ]cadre|\bchmt\b|\bhalmashauri\b"
    ),
}
_NATIONAL_SITES = re.compile(r"\b(?:in|of) (?:upazila|district|referral|government) hospitals\b")
_PACKAGE = re.compile(
    r"\bchange package|paquet de changements|paquete de cambios|pacote de mudancas"
)
_REPORT = re.compile(
    r"\b(?:annual report|(?:half-year|quarterly|annual|final|mid-?term|workshop) (?:report|review)"
    r"|report of (?:the|a) (?:workshop|mission|meeting)|rapport (?:annuel|semestriel|d'atelier)"
    r"|midterm review|minutes of|informe (?:anual|semestral)|relatorio (?:anual|semestral)"
    r"|ripoti ya (?:mwaka|warsha))"
)
_ARTICLE = re.compile(r"\b(?:doi\.org|doi:|peer[- ]review|corresponding author)")
STORY = {SectionRole.PROBLEM, SectionRole.AIM, SectionRole.CHANGES, SectionRole.DID_NOT_WORK}


class Kind(NamedTuple):
    """Type and level of a record, and what is not sure."""

    record_type: RecordType
    level: Level
    doubts: tuple[str, ...]


def kind_of(title: str, sections: Sequence[Section], *, facility: str, form: Format) -> Kind:
    """Return what a document is; `facility` is the one it is told about, "" for none."""
    top = _top(title, sections)
    level, doubts = _level(title, top, facility)
    return Kind(_record_type(title, top, sections, level, form), level, doubts)


def sites_in(text: str) -> str:
    """Return the words of `text` that say in how many facilities, or ""."""
    match = re.search(rf"\b{_NUMBER} {_SITES}\b", fold(text))
    return text[match.start() : match.end()] if match else ""


def _top(title: str, sections: Sequence[Section]) -> str:
    body = "\n".join(section.body for section in sections)
    return fold(f"{title}\n{one_line(body[:TOP])}")


def _level(title: str, top: str, facility: str) -> tuple[Level, tuple[str, ...]]:
    folded = fold(title)
    if facility and not re.search(rf"\b{_NUMBER} {_SITES}\b", folded):
        return Level.FACILITY, ()
    if _NATIONAL_SITES.search(folded):
        return Level.NATIONAL, ()
    for text in (folded, top):
        for level, words in _LEVELS.items():
            if re.search(words, text):
                return level, ()
    return Level.FACILITY, ("No facility is named, and no level.",) if not facility else ()


def _record_type(
    title: str, top: str, sections: Sequence[Section], level: Level, form: Format
) -> RecordType:
    roles = {section.role for section in sections}
    headings = {fold(section.heading) for section in sections}
    if _PACKAGE.search(top):
        return RecordType.CHANGE_PACKAGE
    if SectionRole.REFERENCES in roles and (_is_article(headings) or _ARTICLE.search(top)):
        return RecordType.RESEARCH_ARTICLE
    if _REPORT.search(fold(title)):
        return RecordType.REPORT
    if form is Format.PPTX and not roles & STORY:
        return RecordType.PRESENTATION
    own = level in (Level.FACILITY, Level.COMMUNITY)
    return RecordType.IMPROVEMENT_STORY if own else RecordType.SUPPORT_STORY


def _is_article(headings: Collection[str]) -> bool:
    return any("method" in heading for heading in headings)
