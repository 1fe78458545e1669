"""Who a program acts for, and what its token may do."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kb.people import FIELDS
from kb.vocabulary import ApiScope, Role
from web.deps import PersonDep
from web.errors import documented
from web.rules import SIGNED_IN
from web.speaking import SPEAKS

router = APIRouter(prefix="/api/v1", tags=["people"], dependencies=[SIGNED_IN, SPEAKS])


class RoleOf(BaseModel):
    """A role within a place; an empty field stands for anywhere."""

    role: Role
    country: str = Field(description="ISO 3166-1 alpha-3.")
    admin1: str
    admin2: str
    facility: str


class Me(BaseModel):
    """Whose token it is."""

    email: str
    name: str
    roles: list[RoleOf]
    scopes: list[ApiScope] = Field(description="What this token may do.")


@router.get("/me", summary="Say whose token this is", responses=documented(401, 403))
def me(person: PersonDep) -> Me:
    """Return the owner of the token in `Authorization: Bearer …`, and what it may do."""
    return Me(
        email=person.email,
        name=person.name,
        roles=[
            RoleOf(role=grant.role, **{name: getattr(grant, name) for name in FIELDS})
            for grant in person.grants
        ],
        scopes=sorted(ApiScope if person.scopes is None else person.scopes),
    )
