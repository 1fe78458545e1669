"""Licences that a record may be under, by their SPDX identifier, and what each allows.

Source: https://spdx.org/licenses/ and the summaries at https://creativecommons.org/licenses/
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
