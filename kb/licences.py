"""Licences that a record may be under, by their SPDX identifier, and what each allows.

Source: https://spdx.org/licenses/ and the summaries at https://creativecommons.org/licenses/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CC = "https://creativecommons.org"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its name, its address, and the conditions it makes."""

    spdx: str
    name: str
    address: str
    credit: bool = True  # say who made it
    commercial: bool = True  # may be used to earn money
    change: bool = True  # may be changed, translated, built upon
    alike: bool = False  # what is made of it is shared under the same licence


def _creative_commons() -> dict[str, Licence]:
    """Return the six licences of Creative Commons in the versions that are met."""
    kinds = ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND")
    versions = ("4.0", "3.0", "3.0-IGO")
    return {
        f"CC-{kind}-{version}": Licence(
            f"CC-{kind}-{version}",
            f"Creative Commons {kind} {version.replace('-', ' ')}",
            f"{CC}/licenses/{kind.lower()}/{version.lower().replace('-', '/')}/",
            commercial="NC" not in kind,
            change="ND" not in kind,
            alike="SA" in kind,
        )
        for version in versions
        for kind in kinds
        # SPDX lists neither of these two.
        if (kind, version) not in {("BY-NC", "3.0-IGO"), ("BY-ND", "3.0-IGO")}
    }


KNOWN: Mapping[str, Licence] = _creative_commons() | {
    "CC0-1.0": Licence(
        "CC0-1.0",
        "Creative Commons Zero 1.0",
        f"{CC}/publicdomain/zero/1.0/",
        credit=False,
    ),
    "Apache-2.0": Licence(
        "Apache-2.0", "Apache Licence 2.0", "https://www.apache.org/licenses/LICENSE-2.0"
    ),
    "OGL-UK-3.0": Licence(
        "OGL-UK-3.0",
        "Open Government Licence 3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
}


def known(spdx: str) -> Licence | None:
    """Return what is known of a licence; None for one that has to be read elsewhere.

    >>> known("CC-BY-NC-SA-3.0-IGO").address
    'https://creativecommons.org/licenses/by-nc-sa/3.0/igo/'
    """
    return KNOWN.get(spdx)


class Obstacle(StrEnum):
    """Why words under one licence may not stand in a whole that is under another."""

    UNKNOWN = "unknown"  # no licence is named
    UNREAD = "unread"  # it is not among `KNOWN`: somebody has to read it
    NO_CHANGES = "no-changes"  # a package shortens, joins and translates
    NOT_COMMERCIAL = "not-commercial"
    ALIKE = "alike"
    CREDIT = "credit"


def obstacle(of_part: str, of_whole: str) -> Obstacle | None:
    """Tell why words under `of_part` may not go into something under `of_whole`; None if they may.

    Source: https://creativecommons.org/faq/, “Can I combine material under different Creative
    Commons licenses in my work?”; a later version of the same licence is allowed by 4.b and 3.b.

    >>> obstacle("CC-BY-4.0", "CC-BY-SA-4.0")
    >>> obstacle("CC-BY-NC-4.0", "CC-BY-4.0").value, obstacle("", "CC-BY-4.0").value
    ('not-commercial', 'unknown')
    """
    if not of_part:
        return Obstacle.UNKNOWN
    part, whole = known(of_part), known(of_whole)
    if part is None or whole is None:
        return Obstacle.UNREAD
    checks = (
        (not part.change, Obstacle.NO_CHANGES),
        (not part.commercial and whole.commercial, Obstacle.NOT_COMMERCIAL),
        (part.alike and not _is_alike(part, whole), Obstacle.ALIKE),
        (part.credit and not whole.credit, Obstacle.CREDIT),
    )
    return next((why for stands, why in checks if stands), None)


def _is_alike(part: Licence, whole: Licence) -> bool:
    """Tell whether `whole` is the same licence, or a later version of it."""
    terms = (part.credit, part.commercial, part.change, part.alike)
    same = terms == (whole.credit, whole.commercial, whole.change, whole.alike)
    return same and _version(whole) >= _version(part)


def _version(licence: Licence) -> str:
    return next((one for one in licence.spdx.split("-") if one[:1].isdigit()), "")
