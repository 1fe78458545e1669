"""The numbers that hospitals, insurers and states give."""

import re
from collections.abc import Iterator

from kb.identifiers.cues import Cues, listen
from kb.identifiers.dates import DATE_LIKE, YEARS
from kb.identifiers.page import Identifier, Page
from kb.vocabulary import IdentifierKind

# --- Hospital, register and insurance numbers -----------------------------------------------------

NUMBER_WORD = (
    r"(?:(?:no|nos|num|number|numéro|numero|número|nambari|namba|n\.?[°ºo]|nr|id|code|#|№)(?!\w)"
    r"|[#№]|n\.?[°º])"
)
_CODE = r"(?P<code>[A-Z]{0,6}[-/ ]?\d(?:[\dA-Z]|[-/.](?=[\dA-Z])){1,24}+)"
THEN_NUMBER = (
    rf"(?!\w)[ \t\n]{{0,2}}(?:{NUMBER_WORD}\.?[ \t\n]{{0,2}}){{0,2}}+(?:was|is|era|es|est|ni"
    rf"|=)?[:.#–-]?[ \t*_]{{0,3}}{_CODE}(?!\w)"
)
WRITTEN_NUMBER = re.compile(NUMBER_WORD + r"|:", re.IGNORECASE)
PATIENT_WORDS = (
    "hospital",
    "hosp",
    "patient",
    "in-patient",
    "inpatient",
    "in-patient number ip",
    "outpatient",
    "ip",
    "ipn",
    "ipd",
    "opd",
    "anc",
    "pnc",
    "mrn",
    "uhid",
    "file",
    "case file",
    "folder",
    "register",
    "registration",
    "reg",
    "admission",
    "card",
    "chart",
    "delivery register",
    "maternity register",
    "serial",
    "anc card",
    "opd card",
    "unique art",
    "art",
    "hei",
    "pmtct",
    "tb register",
    "medical record",
    "bed head ticket",
    "unit",
    "ward register",
    "dossier",
    "dossier médical",
    "registre",
    "registre cpn",
    "fiche",
    "cpn",
    "carnet",
    "hospitalisation",
    "accouchement",
    "matricule",
    "identifiant",
    "hcl",
    "historia clínica",
    "historia clinica",
    "historia",
    "hc",
    "h.c",
    "expediente",
    "ficha",
    "registro",
    "carné",
    "folio",
    "afiliación",
    "seguro",
    "sis",
    "prontuário",
    "prontuario",
    "processo",
    "processo clínico",
    "registo",
    "nid",
    "cartão",
    "caderneta",
    "ficha pré-natal",
    "atendimento",
    "matrícula",
    "faili",
    "namba ya faili",
    "namba ya kadi",
    "kadi",
    "kadi ya kliniki",
    "namba ya mgonjwa",
    "namba ya usajili",
    "usajili",
    "daftari",
    "namba ya daftari",
    "rch",
    "rch4",
)
INSURANCE_WORDS = (
    "nhif",
    "sha",
    "nhis",
    "chf",
    "ichf",
    "cbhi",
    "cmu",
    "cnam",
    "insurance",
    "health insurance",
    "insurance card",
    "assurance",
    "carte cmu",
    "mutuelle",
    "ipres",
    "seguro social",
    "essalud",
    "igss",
    "ihss",
    "rsbs",
    "pm-jay",
    "ayushman",
    "abha",
    "cns",
    "sus",
    "cartão sus",
    "cartão nacional de saúde",
    "bima",
    "kadi ya bima",
    "namba ya bima",
    "mutuelle de santé",
    "carnet de assurance",
    "ramed",
    "inps",
)
KNOWN_FORM = re.compile(
    r"(?<![\w/-])(?:OPD|IPD|IP|IPN|ANC|PNC|ART|MCH|MRN|MAT|NBU|CWC|PMTCT|HEI|UPID|CPN|RCH|NICU"
    r"|LW|LD|HC|EXP|DOS|MRD|UHID|HOSP|KMC|RN|NID|PRONT|MTU)(?:[/-]\d{2,4}){1,2}[/-]?\d{2,6}"
    r"(?![\w/])"
)
PUBLIC_PAPER = re.compile(
    r"(?<!\w)(?:decree|law|act|circular|order|contract|grant|tender|invoice|report|paper|series|loi|décret|arrêté"
    r"|circulaire|note|marché|ley|decreto|resolución|acuerdo|lei|portaria|resolução|contrato|sheria|waraka|acta|ata"
    r"|version|directive|norma|protocol|guideline|bulletin|boletín)(?!\w)",
    re.IGNORECASE,
)
FISCAL_YEAR = re.compile(r"(?:19|20)\d\d[/-](?:19|20)?\d\d")


def _after_patient_word(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    start, end = match.span("code")
    code = match.group("code")
    digits = sum(c.isdigit() for c in code)
    between = page.text[match.end("cue") : start]
    said = bool(WRITTEN_NUMBER.search(between))
    if FISCAL_YEAR.fullmatch(code) or re.fullmatch(r"(?:19|20)\d\d", code) or code[0] == " ":
        return
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", code) or page.text[end : end + 1] in tuple(
        "%"
    ):
        return
    weak = not said and not _looks_given(code)
    small = digits < 3 or (
        digits < 4 and not re.search(r"[A-Z/-]", code) and ":" not in between and not said
    )
    if (
        weak
        or small
        or (
            not said
            and re.match(r"[ \t]+[a-zà-ÿ]", page.text[end : end + 4])
            and code.isdigit()
            and digits < 6
        )
    ):
        return
    if (
        code.isdigit()
        and digits <= 4
        and ":" in between
        and not re.search(r"(?:no|num|n[°ºo]|namb|nº)", between + match.group("cue"), re.IGNORECASE)
    ):
        return  # “Register: 1200 women”
    yield page.found(IdentifierKind.PATIENT_NUMBER, start, end, 0.95 if said else 0.85)


def _after_number_word(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    """Find a number of a register that says only that it is a number: “n.º 2231/22”."""
    if not PUBLIC_PAPER.search(page.before(match.start(), 60)):
        yield page.found(IdentifierKind.PATIENT_NUMBER, *match.span("code"), 0.6)


def _looks_given(code: str) -> bool:
    """Return whether the code is one that somebody gave, and no figure: a year, a zero, letters."""
    code = code.strip()
    return bool(
        re.fullmatch(
            r"\d{3,7}[/-]\d{2}|\d{3,7}[/-](?:19|20)\d\d|(?:19|20)?\d\d[/-]\d{3,7}|0\d{3,9}|\d{5,}",
            code,
        )
        or (re.match(r"[A-Z]", code) and len(re.findall(r"\d", code)) > 3)
        or len(re.findall(r"[/-]", code)) > 1
    )


def known_forms(page: Page) -> Iterator[Identifier]:
    """Yield hospital numbers that say themselves what they are, such as OPD/2023/04417."""
    for match in KNOWN_FORM.finditer(page.text):
        if not FISCAL_YEAR.fullmatch(
            match.group().partition(match.group().strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[0])[2]
        ):
            yield page.found(IdentifierKind.PATIENT_NUMBER, *match.span(), 0.85)


# --- Numbers that a state gives -------------------------------------------------------------------

NATIONAL_WORDS = (
    "nida",
    "nin",
    "national id",
    "national identity",
    "national identification",
    "id",
    "id card",
    "identity card",
    "ghana card",
    "cni",
    "carte d'identité",
    "carte nationale d'identité",
    "carte d’identité",
    "passport",
    "passeport",
    "pasaporte",
    "passaporte",
    "dni",
    "cui",
    "dpi",
    "documento",
    "cédula",
    "cedula",
    "identidad",
    "tarjeta de identidad",
    "cpf",
    "rg",
    "bi",
    "bilhete de identidade",
    "nuit",
    "documento de identidade",
    "kitambulisho",
    "namba ya nida",
    "kitambulisho cha taifa",
    "kitambulisho cha nida",
    "aadhaar",
    "aadhar",
    "aadhaar card",
    "voter id",
    "voter card",
    "curp",
    "nui",
    "nina",
    "bvn",
    "birth certificate",
    "nid card",
)
_ID_CODE = r"(?P<code>[A-Z]{0,4}[- ]?\d(?:[\dA-Z]|[-/. ](?=[\dA-Z]*\d)){4,26}+)"
THEN_ID = (
    rf"(?!\w)[ \t\n]{{0,2}}(?:{NUMBER_WORD}\.?[ \t\n]{{0,2}}){{0,2}}+(?:was|is|era|es|est|ni"
    rf"|=)?[:.#–-]?[ \t*_]{{0,3}}{_ID_CODE}(?!\w)"
)
NATIONAL_FORMS = (
    re.compile(r"(?<![\w-])(?:19|20)\d{6}-\d{5}-\d{5}-\d{2}(?![\w-])"),  # Tanzania, NIDA
    re.compile(r"(?<![\w/])\d{6}/\d{2}/[1-3](?![\w/])"),  # Zambia, registration card
    re.compile(r"(?<![\w-])GHA-\d{9}-\d(?![\w-])"),  # Ghana Card
    re.compile(r"(?<!\w)C[MF]\d{8}[0-9A-Z]{4}(?!\w)"),  # Uganda, NIN
    re.compile(r"(?<!\w)\d{9}[A-Z]{2}\d{3}(?!\w)"),  # Angola, bilhete de identidade
    re.compile(r"(?<!\w)\d{12}[A-Z](?!\w)"),  # Mozambique, bilhete de identidade
    re.compile(r"(?<!\w)[12] (?:19|20)\d\d [78] \d{7} \d \d{2}(?!\w)"),  # Rwanda
    re.compile(r"(?<!\w)\d{4} \d{5} \d{4}(?!\w)"),  # Guatemala, código único de identificación
    re.compile(r"(?<!\w)(?:0[1-9]|1[0-8])\d\d-(?:19|20)\d\d-\d{5}(?!\w)"),  # Honduras
    re.compile(r"(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d(?!\w)"),  # Mexico, CURP
)
CPF = re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])")
AADHAAR = re.compile(r"(?<![\w.,-])[2-9]\d{3} \d{4} \d{4}(?![ ]?\d)(?!\w)")
SOUTH_AFRICA = re.compile(
    r"(?<!\w)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ ]?\d{4}[ ]?[01]8\d(?!\w)"
)
SUS = re.compile(r"(?<![\w.,-])[1-26-9]\d{2} ?\d{4} ?\d{4} ?\d{4}(?!\w)")


def _after_national_word(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    cue, code = match.group("cue").casefold(), match.group("code")
    if cue in {"id", "bi", "nina", "rg", "identity", "documento"} and len(code) < 7:
        return
    if sum(c.isdigit() for c in code) < 5 or YEARS.fullmatch(code) or DATE_LIKE.fullmatch(code):
        return
    if cue in {"id", "bi", "nui", "nin"} and not (match.group("cue").isupper() or cue == "nin"):
        return
    yield page.found(IdentifierKind.NATIONAL_ID, *match.span("code"), 0.95)


def national_forms(page: Page) -> Iterator[Identifier]:
    """Yield national numbers known by their form, and by their check digits if they have any."""
    for form in NATIONAL_FORMS:
        for match in form.finditer(page.text):
            yield page.found(IdentifierKind.NATIONAL_ID, *match.span(), 0.9)
    for form, holds, kind in (
        (CPF, cpf_holds, IdentifierKind.NATIONAL_ID),
        (AADHAAR, verhoeff_holds, IdentifierKind.NATIONAL_ID),
        (SOUTH_AFRICA, luhn_holds, IdentifierKind.NATIONAL_ID),
        (SUS, sus_holds, IdentifierKind.PATIENT_NUMBER),
    ):
        for match in form.finditer(page.text):
            if holds([int(c) for c in match.group() if c.isdigit()]):
                yield page.found(kind, *match.span(), 0.9)


def cpf_holds(digits: list[int]) -> bool:
    """Return whether the eleven digits of a Brazilian CPF have the right check digits.

    Source: Receita Federal; both are sums modulo 11, weights 10 … 2 and 11 … 2.

    >>> cpf_holds([5, 2, 9, 9, 8, 2, 2, 4, 7, 2, 5])
    True
    """
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(
        sum(digit * weight for digit, weight in zip(digits, range(n + 1, 1, -1), strict=False))
        * 10
        % 11
        % 10
        == digits[n]
        for n in (9, 10)
    )


def luhn_holds(digits: list[int]) -> bool:
    """Return whether the last digit is right, as in numbers of South Africa (ISO/IEC 7812-1).

    >>> luhn_holds([int(c) for c in "8001015009087"])
    True
    """
    doubled = [d * 2 - 9 * (d > 4) if n % 2 else d for n, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def sus_holds(digits: list[int]) -> bool:
    """Return whether fifteen digits may be a Brazilian health card: weights 15 … 1, modulo 11."""
    return len(digits) == 15 and sum(d * (15 - n) for n, d in enumerate(digits)) % 11 == 0


_TURN = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4))


def verhoeff_holds(digits: list[int]) -> bool:
    """Return whether the last digit is right by Verhoeff's scheme, as in Aadhaar.

    Source: J. Verhoeff, Error detecting decimal codes (1969): the dihedral group of order ten.

    >>> verhoeff_holds([2, 3, 6, 3])
    True
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        turned = digit
        for _ in range(place % 8):
            turned = _TURN[1][turned]
        check = _dihedral(check, turned)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """Return the product of two symmetries of the pentagon, rotations 0-4 and reflections 5-9."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def listen_for_numbers(cues: Cues) -> None:
    """Add the rules that find numbers of patients and citizens."""
    listen(cues, (*PATIENT_WORDS, *INSURANCE_WORDS), _after_patient_word, then=THEN_NUMBER)
    number_then = r"(?!\w)\.?[ ]{0,2}(?P<code>\d{3,6}/(?:\d{2}|20\d\d))(?![\w/])"
    listen(cues, ["n.º", "n.°", "nº", "n°", "no"], _after_number_word, then=number_then)
    listen(cues, NATIONAL_WORDS, _after_national_word, then=THEN_ID)
