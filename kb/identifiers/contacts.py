"""Telephone numbers and e-mail addresses."""

import re
from collections.abc import Iterator
from itertools import pairwise

from kb.identifiers.dates import DATE_LIKE, YEARS
from kb.identifiers.page import Identifier, Page
from kb.vocabulary import IdentifierKind

# --- Telephones -------------------------------------------------------------------------------

RUN = re.compile(r"(?<![\w.,#–-])(?:\+[ ]?)?\(?\+?\d[\d ().\u00a0\u2011-]*+")
BETWEEN = re.compile(r"[ ]?[-–][ ]| [-–]|\.[ \n]|[ ]{2,}|\)\s\(")
PHONE_DIGITS = (7, 15)  # ITU-T E.164: fifteen at most
THOUSANDS = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})+")
PHONE_WORD = re.compile(
    r"(?<!\w)(?:phones?|ph|mob|telf|tlf|tel|tél|téls|telephones?|téléphones?|mobiles?|cell|cellphone|cel"
    r"|whatsapp|calls?|called|sms|contacts?|"
    r"teléfonos?|telefono|celular(?:es)?|móvil|telefones?|telemóvel|tlm|simu|appel(?:er|ez|é"
    r"|le)|llam(?:ar|e|en|ó)|ligar|ligue|joindre|joignable|piga|hotline|"
    r"contacto|contato|contacter|contactar|reach(?:ed|able)?|ring|rang|text|namba yake"
    r"|namba zake|airtel|mpesa|m-pesa|fax|ligou|ligamos|llamamos|numéro|número|number|nambari"
    r"|portable|marcar|marque|fone|zap)(?!\w)",
    re.IGNORECASE,
)
DIRECTLY = re.compile(
    r"(?:phone|(?<!\w)ph|(?<!\w)mob|telf|tlf|tel|tél|telephone|téléphone|mobile|cell|cel|whatsapp|sms|teléfono|telefono"
    r"|celular|móvil|telefone|telemóvel|simu|call|contact|contacto|contato|fone|zap|portable"
    r"|fax)"
    r"[^\w]{0,3}(?:no|number|n[°ºo]|numéro|número|namba|ya|is|es|est|é|ni|us|her|him|me|al|au|on|at|:|\."
    r"|[^\w]){0,4}[^\w]{0,3}$",
    re.IGNORECASE,
)
# How numbers of the countries of the network are written that have no country code.
LOCAL = re.compile(
    r"0\d{8,10}|0\d{4}[ -]\d{6}|0\d{2,4}([ .-])\d{2,4}\1\d{2,4}(?:\1\d{2,3})?|0\d{3}[ -]\d{6}|0\d"
    r"(?:([ .-])\d\d)(?:\2\d\d){3}|0\d \d{3} \d{4}|0\d{2} \d{7}|0\d{3}[ -]\d{5,6}"
    r"|\(0\d{1,4}\) ?\d{2,4}[ .-]?\d{3,4}|\(?[1-9]\d\)? ?9 ?\d{4}-\d{4}|\([1-9]\d\) ?\d{4}-\d{4}"
    r"|[6-9]\d{9}|[6-9]\d{4}[ -]\d{5}|(?:33|7[05678])[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}"
    r"|8[2-7] \d{3} \d{4}|8[2-7]\d{7}|9\d{2} \d{3} \d{3}|[2-9]\d{3}-\d{4}|[5-7]\d"
    r"(?:[ .]\d\d){3}"
)
# A figure that is read like a number of the country only if a word for telephones stands before it.
UNSURE = re.compile(
    r"[6-9]\d{9}|8[2-7]\d{7}|9\d{2} \d{3} \d{3}|[2-9]\d{3}-\d{4}|[5-7]\d(?:[ .]\d\d){3}"
    r"|8[2-7] \d{3} \d{4}|\(\d+\) ?\d{4}-\d{4}"
)


def phones(page: Page) -> Iterator[Identifier]:
    """Yield the telephone numbers."""
    for run in RUN.finditer(page.text):
        for start, end in _pieces(page.text, run.start(), run.end()):
            confidence = _as_phone(page, start, end)
            if confidence:
                yield page.found(IdentifierKind.PHONE, start, end, confidence)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for gap in BETWEEN.finditer(text, start, end):
        yield _trimmed(text, at, gap.start())
        at = gap.end()
    yield _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " .-(\u00a0\u2011":
        end -= 1
    while start < end and text[start] in " .-)\u00a0":
        start += 1
    piece = text[start:end]
    if piece.startswith("(") and piece.find(")") == len(piece) - 1:
        return start + 1, end - 1
    if piece.endswith(")") and "(" not in piece:
        end -= 1
    if piece.startswith("(") and ")" not in piece:
        start += 1
    return start, end


def _as_phone(page: Page, start: int, end: int) -> float:  # noqa: PLR0911  one reason a line
    """Return how sure it is that the figures are a telephone number; 0 when they are none."""
    piece = page.text[start:end]
    digits = sum(c.isdigit() for c in piece)
    if (
        not PHONE_DIGITS[0] <= digits <= PHONE_DIGITS[1]
        or page.text[end : end + 1] in tuple("%‰_°")
        or page.text[end : end + 1].isalpha()
    ):
        return 0
    plain = piece.replace("\u00a0", " ").replace("\u2011", "-")
    if YEARS.search(plain) or DATE_LIKE.match(plain) or _counts_up(plain):
        return 0
    if plain.startswith(("+", "(+")):
        return 0.97 if digits > 7 else 0
    before = page.before(start)
    direct = bool(DIRECTLY.search(before))
    spoken = direct or bool(PHONE_WORD.search(before))
    if re.fullmatch(r"00[1-9]\d{1,2}[ \d.-]{7,14}", plain):
        return 0.95
    local = LOCAL.fullmatch(plain)
    spoken = spoken or (before.endswith("(") and page.text[end : end + 1] == ")")
    if local and (spoken or not UNSURE.fullmatch(plain)):
        return 0.95 if spoken else 0.75
    many = re.fullmatch(r"[1-9]\d{6,9}", plain) if direct else None
    if direct and (
        many
        or (
            re.fullmatch(r"\d{2,4}(?:[ .-]\d{2,4}){1,4}", plain)
            and not (THOUSANDS.fullmatch(plain) and digits < 9)
        )
    ):
        return 0.85
    return 0


def _counts_up(text: str) -> bool:
    """Return whether the groups are numbers that follow each other, as weeks in a table do."""
    groups = [int(group) for group in re.findall(r"\d+", text)]
    return len(groups) > 2 and all(b - a in (0, 1) for a, b in pairwise(groups))


# --- E-mail -----------------------------------------------------------------------------------

LOCAL_PART = re.compile(r"[\w.%+-]{1,64}$")
DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}+")


def emails(page: Page) -> Iterator[Identifier]:
    """Yield the e-mail addresses."""
    at = page.text.find("@")
    while at >= 0:
        local = LOCAL_PART.search(page.text[max(0, at - 64) : at])
        domain = DOMAIN.match(page.text, at + 1)
        if local and domain:
            yield page.found(IdentifierKind.EMAIL, at - len(local.group()), domain.end(), 0.98)
        at = page.text.find("@", at + 1)
