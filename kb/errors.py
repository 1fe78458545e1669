"""Errors that a reader, a curator or an operator can act on.

KBError
├── NotFoundError       the thing asked for is not there
├── InvalidError        a value breaks a rule of the field
├── ConflictError       true when you started, no longer true now
├── ForbiddenError      this user may not
└── NotReadyError       the index, the model or the database is missing or stale

Everything else that goes wrong is a bug and keeps its traceback.
"""


class KBError(Exception):
    """Say what is wrong in the message, and what to do about it in `hint`."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotFoundError(KBError):
    """The thing asked for is not there."""


class InvalidError(KBError):
    """A value breaks a rule of the field."""


class ConflictError(KBError):
    """True when you started, no longer true now."""


class ForbiddenError(KBError):
    """The user may not do that."""


class NotReadyError(KBError):
    """The index, the model or the database is missing or stale."""
