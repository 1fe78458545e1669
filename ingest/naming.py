"""What the header of a column says: what is counted, in what unit, and which way is better."""

import re

from ingest.numerals import decode
from ingest.sentences import fold
from kb.vocabulary import Direction, MeasureType, Unit

_PERCENT = re.compile(
    r"(?<!\d)(?<!\d )%|\bper ?cent|\bpourcent|\bporcent|\basilimia|\bproporti?on"
    r"|\bproporcao|\bproporcion"
    r"|\btaux\b|\btasa\b|\btaxa\b|\bcoverage\b|\bcouverture\b|\bcobertura\b"
    r"|\brates?\b|\bpct\b|\bkiwango\b"
)
_SAYS_NUMBER = re.compile(
    r"^(?:no\.?|n[o°]|number|nombre|numero|idadi) (?:of|de|des|d'|ya|wa|za)\b"
)
_RATE = re.compile(
    r"(?:\b(?:per|pour|por|kwa(?: kila)?|par|cada|sur)\s?|/\s?|x\s?)"
    r"(1[ .,]?000(?:[ .,]?000)?|10[ .,]?000|100[ .,]?000|mil(?:le)?\b|thousand|elfu)(?![\d.,])|‰"
)
_MINUTES = re.compile(r"\bmin(?:ute|uto)?s?\b|\bmn\b|\bdakika\b")
_DAYS = re.compile(r"\b(?:days?|jours?|dias?|siku)\b")
_MEDIAN = re.compile(r"\b(?:median|mediane|mediana|average|mean|moyen|media|promedio|wastani)")
_IN_UNIT = re.compile(
    r"[(\[,]\s?(?:in |en |em |kwa )?(?:min(?:ute|uto)?s?\.?|mn|dakika|days?|jours?|dias?"
    r"|siku)\s?[)\]]?$"
)
_WAIT = re.compile(
    r"\b(?:wait|attente|espera|kusubiri|turn-?around|delay|delai|demora|length of stay|duree"
    r"|duracao|duracion|muda)"
)
_WHOLE = re.compile(
    r"\b(?:births?|deliver|women|mothers?|babies|newborns?|children|admitted|discharged|eligible"
    r"|tested|visits|interviewed|registered|emergenc|cases|referred|patients|clients|charts|forms"
    r"|naissances|accouchements|femmes|enfants|nes|nees|admis|cas\b|partos|mujeres|ninos|nacidos"
    r"|casos|entrevistadas|admitid|nascid|mulheres|gravidas|waliozaliwa|akina|wanawake|watoto"
    r"|wajawazito|planned|due|expected|prevues?|prevus?|attendues?|previst|programad|wazazi"
    r"|waliojifungua|wagonjwa|wateja|observed|opportunit|observee?s|observad|vue?s|seen|total)"
)
# What is bad for a patient when it happens, and better the less it does.
_BAD = re.compile(
    r"\b(?:death|died|dead|deces|morts?\b|muert|fallec|obit|mort[ea]s|vifo|waliokufa|infection|infec"
    r"|sepsis|septic|haemorrhag|hemorrag|hpp\b|pph\b|anaemi|anemi|convuls|eclampsi|fistula"
    r"|complication|complicacion|trouble|asphyxi|stillb|hypotherm|hipoterm|mortalit|mortalidad"
    r"|mortalidade|mortinat|mort-?nes|nacidos muertos|natimort|maambukizi|mortality"
    r"|(?:<|under|less than|below|menos de|moins de)\s*(?:11|36[.,]5)|\bhb\s*<)"
)
_LEFT = re.compile(r"\b(?:left without|missed|refused|late|abandon|perdus?|faltos|delayed)")
_LACK = re.compile(
    r"\b(?:stock-?outs?|ruptures?|(?:days|jours) (?:without|sans)|dias sem|dias sin"
    r"|zisizo na|desabastec)\b"
)
_UP = re.compile(
    r"↑|\b(?:higher|more) is better|\bplus haut|\bmas es mejor|\bquanto maior|\bjuu ni bora"
)
_DOWN = re.compile(
    r"↓|\b(?:lower|less) is better|\bplus bas\b|\bmenos es mejor|\bquanto menor|\bchini ni bora"
)
_EXPERIENCE = re.compile(
    r"\b(?:content|satisf|respect|privacy|interviewed|entrevist|would recommend|felt|chose|chosen"
    r"|eligio|prefirio|prefer)"
)
_SUPPORT = re.compile(
    r"\b(?:(?:mentoring|coaching|supervision|support) visits?|visits? made|visites faites"
    r"|visitas hechas|visitas feitas|ziara|heads present|people trained|trained|meetings? held)"
)
_FACILITY = re.compile(
    r"\b(?:clinic|health (?:centre|center|post|facility)|hospital|dispensary|maternity|ward|hc|phc"
    r"|chc|district|woreda|county|sub-county|zone|village|centre de sante|hopital|poste de sante"
    r"|csps|cscom|clinique|maternite|district sanitaire|puesto|centro de salud|clinica|municipio"
    r"|posto|centro de saude"
    r"|unidade|distrito|zahanati|kituo|hospitali|wilaya|kata|facility|site|cs|cma|cap|hg|dh|hr)\b"
)
_NUMERATOR = re.compile(r"\b(?:numerat\w*|numerador|num|kihesabu|kiasi)\b|^n$")
_DENOMINATOR = re.compile(r"\b(?:denominat\w*|denominador|den(?:om)?|kigawanyo|asili)\b|^d$")
_BARE_WORDS = re.compile(
    r"\b(?:numerator|numerateur|numerador|denominator|denominateur|denominador|num|den(?:om)?|kihesabu"
    r"|kigawanyo|n|d|nb|no|value|valeurs?|valor(?:es)?|thamani|percent(?:age)?|per cent|pourcentage"
    r"|porcentaje|porcentagem|percentagem|asilimia|result|resultats?|resultados?|rate|taux|tasa|taxa|pct"
    r"|number|nombre|numero|idadi|total|count|data|score|median|proportion|actual|observed)\b"
)
_TARGET = re.compile(
    r"(?:targets?|goals?(?: line)?|cibles?|objectifs?|objetivos?|metas?|lengo|malengo)\b"
    r"(?:\s(?:is|was|est|es|e|ni|line|of|de|ya)\b)?\s?[:=]?\s?"
    r"(?:≥|>=|>|≤|<=|<|at least|au moins|al menos|angalau)?\s?"
    r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(%)?"
)


def is_percent(name: str) -> bool:
    """Whether a header says that its column holds percents."""
    folded = fold(name)
    return bool(_PERCENT.search(folded)) and not _SAYS_NUMBER.match(folded)


def factor_of(name: str) -> int:
    """Return how many a rate is per: 1,000 births, 100,000 people; 1 where it is no rate.

    >>> factor_of("Deaths per 1,000 births"), factor_of("Décès pour 1 000"), factor_of("Births")
    (1000, 1000, 1)
    """
    found = _RATE.search(fold(name))
    if not found:
        return 1
    digits = re.sub(r"\D", "", found[1] or "")
    return int(digits) if digits else 1000


def time_unit(name: str) -> Unit | None:
    """Return minutes or days where a header is about how long something takes."""
    folded = fold(name)
    if not (_MEDIAN.search(folded) or _IN_UNIT.search(folded) or _WAIT.search(folded)):
        return None
    if _MINUTES.search(folded):
        return Unit.MINUTES
    return Unit.DAYS if _DAYS.search(folded) and not is_lack(name) else None


def is_whole(name: str) -> bool:
    """Whether a header names those who are counted, of whom others are a part."""
    return bool(_WHOLE.search(fold(name))) or part_of_pair(name) == "denominator"


def is_bad(name: str) -> bool:
    """Whether what is counted is a harm."""
    return bool(_BAD.search(fold(name)))


def is_lack(name: str) -> bool:
    """Whether days are counted: those without water, say."""
    return bool(_DAYS.search(fold(name)))


def is_facility(name: str) -> bool:
    """Whether a header names a place, and so not what is counted there."""
    return bool(_FACILITY.search(fold(name))) and not is_percent(name)


def is_bare(name: str) -> bool:
    """Whether a header says only how something is written: "%", "n", "Value"."""
    folded = fold(name)
    return not re.search(r"[^\W\d_]", _PERCENT.sub("", _BARE_WORDS.sub("", folded)))


def part_of_pair(name: str) -> str:
    """Return "numerator" or "denominator" where a header says so, else ""."""
    folded = fold(name).strip(" .:()")
    if _NUMERATOR.search(folded):
        return "numerator"
    return "denominator" if _DENOMINATOR.search(folded) else ""


def without_pair(name: str) -> str:
    """Return a header without the words for numerator and denominator, nor signs at its ends.

    >>> without_pair("EIBF – Numerator"), without_pair("Denominator")
    ('EIBF', '')
    """
    folded = fold(name)
    words = _NUMERATOR.search(folded) or _DENOMINATOR.search(folded)
    if not words:
        return name
    return f"{name[: words.start()]} {name[words.end() :]}".strip(" .:()–—-/")


def target_in(text: str, *, bracketed: bool = False) -> float | None:
    """Return the target that a line beginning with the word names, or one in brackets.

    >>> target_in("Target: 80 %"), target_in("EIBF (target 90%)", bracketed=True)
    (80.0, 90.0)
    """
    folded = fold(text[:200]).strip(" -*_>")
    if bracketed:
        start = folded.find("(")
        found = _TARGET.match(folded[start + 1 :].strip()) if start >= 0 else None
    else:
        found = _TARGET.match(folded)
        if found and not found[2]:
            return None
    return decode(found[1]) if found else None


def direction_of(name: str) -> Direction | None:
    """Return which way is better, where the header says it or counts a harm."""
    folded = fold(name)
    if _UP.search(folded):
        return Direction.UP
    bad = _DOWN.search(folded) or _BAD.search(folded) or _LEFT.search(folded)
    return Direction.DOWN if bad or _LACK.search(folded) else None


def type_of(name: str, numerator: str, denominator: str) -> MeasureType:
    """Return what a measure counts, by its words."""
    said, named = fold(f"{name} {numerator} {denominator}"), fold(f"{name} {numerator}")
    if _LACK.search(named):
        return MeasureType.STRUCTURE
    if _SUPPORT.search(said):
        return MeasureType.ACTIVITY
    if _BAD.search(named):
        return MeasureType.OUTCOME
    return MeasureType.EXPERIENCE if _EXPERIENCE.search(said) else MeasureType.PROCESS
