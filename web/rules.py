"""Who may ask for what: each route declares its rule, and a test refuses one without.

A rule says who comes in at all; what somebody may do with one record is asked of
`kb.permissions`, by the route's verb or the route.
"""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from kb import permissions
from kb.errors import ForbiddenError
from kb.permissions import Act
from kb.vocabulary import ApiScope, Role
from kb.wording import marked
from web.deps import PersonDep, ReadingDep, RecordId
from web.security import SAFE


class SignInNeededError(ForbiddenError):
    """Nobody has signed in, and this is for somebody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may come in: everybody, whoever signed in, or whoever has a role somewhere."""

    name: str
    known: bool = False
    role: Role | None = None
    own: bool = False  # what it shows is one person's, signed in or not

    def __call__(self, request: Request, person: PersonDep) -> None:
        """Refuse whom the rule does not let in.

        Raises:
            SignInNeededError: nobody has signed in.
            ForbiddenError: whoever did may not, or their program's token may not.
        """
        if self.known or self.own:
            request.state.unkept = True  # no browser keeps it
        if not self.known:
            return
        if not person.known:
            raise SignInNeededError(
                marked("This page is for people who have signed in."),
                hint=marked("Sign in, and you come back here."),
            )
        if self.role is not None and not person.has(self.role):
            raise ForbiddenError(
                marked("You have signed in, but this page is not for your role."),
                hint=marked("Ask whoever looks after the accounts of this library."),
            )
        wanted = ApiScope.READ if request.method in SAFE else ApiScope.WRITE
        if person.scopes is not None and wanted not in person.scopes:
            raise ForbiddenError(
                marked("The token of this program may not do that."),
                hint=marked("Make one with the scope “%(scope)s”.", scope=wanted),
            )


OPEN: Final[Any] = Depends(Rule("open"))
LINK: Final[Any] = Depends(Rule("link", own=True))  # whoever holds the secret of the address
SIGNED_IN: Final[Any] = Depends(Rule("signed in", known=True))


def needs(role: Role) -> Any:
    """Return the rule that lets in whoever may do what `role` may, somewhere."""
    return Depends(Rule(str(role), known=True, role=role))


@dataclass(frozen=True, slots=True)
class RecordRule:
    """What somebody must be allowed to do with the record that the address names."""

    act: Act

    def __call__(self, session: ReadingDep, person: PersonDep, record_id: RecordId) -> None:
        """Refuse whom `kb.permissions` refuses.

        Raises:
            NotFoundError: they may not know that there is such a record.
            ForbiddenError: they may only read it.
        """
        permissions.require(session, person, self.act, record_id)


def may(act: Act) -> Any:
    """Return the rule for routes under `{record_id}`: whoever may do `act` with that record."""
    return Depends(RecordRule(act))


def rule_of(route: APIRoute) -> Rule | None:
    """Return the strictest rule that a route declares, itself or by its router; None without."""
    rules = [d.dependency for d in route.dependencies if isinstance(d.dependency, Rule)]
    return max(rules, key=_strictness, default=None)


def _strictness(rule: Rule) -> tuple[bool, int]:
    return rule.known, -1 if rule.role is None else list(Role).index(rule.role)
