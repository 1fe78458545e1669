"""People, and what they sign in by."""

from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, Moment
from kb.vocabulary import Role


class User(Base):
    """A person who signs in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str | None]
    created: Mapped[Moment]
    disabled: Mapped[bool] = mapped_column(default=False)
