"""Who somebody is to the library, and what they may do where: values, without a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kb import content
from kb.vocabulary import ApiScope, Role

RANKS: Final = {role: rank for rank, role in enumerate(Role)}
FIELDS: Final = ("country", "admin1", "admin2", "facility")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a place. An empty field stands for anywhere.

    Places are compared letter by letter: whoever grants a role chooses the spelling of the records.

    >>> coach = Grant(Role.COACH, country="TZA", admin2="Rungwe")
    >>> coach.covers(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu"))
    True
    >>> coach.covers(content.Place(country="TZA", admin2="Mbozi"))
    False
    """

    role: Role
    country: str = ""  # ISO 3166-1 alpha-3
    admin1: str = ""
    admin2: str = ""
    facility: str = ""

    @property
    def anywhere(self) -> bool:
        """Tell whether it holds in every place."""
        return not any(getattr(self, name) for name in FIELDS)

    def covers(self, place: content.Place) -> bool:
        """Tell whether it holds at `place`."""
        wanted = ((getattr(self, name), getattr(place, name)) for name in FIELDS)
        return all(not mine or mine == theirs for mine, theirs in wanted)

    def within(self, other: "Grant") -> bool:
        """Tell whether all places of this one are places of `other`."""
        wanted = ((getattr(self, name), getattr(other, name)) for name in FIELDS)
        return all(not theirs or mine == theirs for mine, theirs in wanted)

    def at_least(self, role: Role) -> bool:
        """Tell whether it lets its holder do what `role` may."""
        return RANKS[self.role] >= RANKS[role]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads, writes or decides; whoever did not sign in is `NOBODY`."""

    user_id: int | None = None  # None for the operator, too, who has no account
    email: str = ""
    name: str = ""
    grants: tuple[Grant, ...] = ()
    language: str = ""  # BCP 47; empty where they have not chosen
    scopes: frozenset[ApiScope] | None = None  # of a program's token; None: all that they may
    at_this_computer: bool = False  # `kb desk` and the command line

    @property
    def known(self) -> bool:
        """Tell whether they signed in, or sit at the library's own computer."""
        return self.user_id is not None or self.at_this_computer

    @property
    def by(self) -> str:
        """The name that history keeps."""
        return self.email or self.name

    def has(self, role: Role, at: Iterable[content.Place] | None = None) -> bool:
        """Tell whether they may do what `role` may: somewhere, or at one of the places `at`.

        Where nobody knows the place, only who has the role anywhere may.
        """
        grants = [grant for grant in self.grants if grant.at_least(role)]
        if at is None:
            return bool(grants)
        places = tuple(at)
        return any(
            grant.anywhere or any(grant.covers(place) for place in places) for grant in grants
        )


NOBODY: Final = Person()


def operator(name: str) -> Person:
    """Return whoever sits at the computer of the library, and may do everything there."""
    return Person(name=name, grants=(Grant(Role.ADMIN),), at_this_computer=True)
