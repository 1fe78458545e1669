"""Secrets that open a door: made at random, shown once, kept as their sha256."""

import secrets
from hashlib import sha256

BYTES = 32  # 256 bits: nobody guesses one, so a plain hash is enough to keep it


def new_token(prefix: str = "") -> str:
    """Return a new secret, as text that fits into an address."""
    return prefix + secrets.token_urlsafe(BYTES)


def kept(token: str) -> str:
    """Return what is kept of a secret, in hex.

    >>> kept("x") == kept("x") != kept("y")
    True
    """
    return sha256(token.encode()).hexdigest()
