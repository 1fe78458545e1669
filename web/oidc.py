"""Signing in by another server, with OpenID Connect: the only door to authlib.

Source: OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636). What the server
says is taken from its own endpoints over TLS and from a signed ID token; the browser carries only
a code and a state.
"""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kb.errors import ForbiddenError, NotReadyError
from kb.settings import Settings
from kb.wording import marked

TIMEOUT_S = 10
SCOPE = "openid email profile"
LEEWAY_S = 60  # between two clocks
SIGNED_BY = ["RS256", "ES256", "PS256"]  # by a key pair: no secret of ours, and never none
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the server: where the browser goes, and what has to come back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the server says of who came back."""

    subject: str  # issuer and subject, a space between
    email: str  # empty where the server has not verified it
    name: str


def begin(settings: Settings, callback: str) -> Way:
    """Return the way to the server for a browser that is to come back to `callback`.

    Raises:
        NotReadyError: the server cannot be reached, or is not set.
    """
    metadata = _metadata(settings)
    nonce, verifier = generate_token(32), generate_token(64)
    with _client(settings, callback) as client:
        address, state = client.create_authorization_url(
            metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    return Way(address, state, nonce, verifier)


def finish(settings: Settings, callback: str, *, query: str, way: Way) -> Known:
    """Return who came back with `query` in their address, after the server has proved it.

    Raises:
        ForbiddenError: the server refused, or what it says does not hold.
        NotReadyError: the server cannot be reached.
    """
    metadata = _metadata(settings)
    try:
        with _client(settings, callback, state=way.state) as client:
            token = client.fetch_token(
                metadata["token_endpoint"],
                authorization_response=f"{callback}?{query}",
                code_verifier=way.verifier,
            )
            keys = _answer(client, metadata["jwks_uri"])
            claims = _claims(settings, token, keys, nonce=way.nonce)
            if "email" not in claims and "userinfo_endpoint" in metadata:
                told = _answer(client, metadata["userinfo_endpoint"])
                if told.get("sub") == claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                    claims = told | claims
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        log.warning("Nobody came in by the other server: %s", _reason(error))
        raise ForbiddenError(
            marked("The other server did not let you in, or what it said does not hold."),
            hint=marked("Try again; if it stays, tell whoever looks after the accounts."),
        ) from error
    except httpx.HTTPError as error:
        raise _unreachable(settings, error) from error
    verified = claims.get("email_verified") in {True, "true"}
    return Known(
        subject=f"{settings.oidc_issuer} {claims['sub']}",
        email=str(claims.get("email", "")) if verified else "",
        name=str(claims.get("name", "")),
    )


def _claims(settings: Settings, token: dict[str, Any], keys: Any, *, nonce: str) -> dict[str, Any]:
    """Return the claims of the ID token, once its signature, times and names were looked at."""
    decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=SIGNED_BY)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        },
        {"nonce": nonce, "client_id": settings.oidc_client_id},
    )
    claims.validate(leeway=LEEWAY_S)
    return dict(claims)


def _metadata(settings: Settings) -> dict[str, Any]:
    """Return what the server says of itself, if it is the one that was set.

    Source: OpenID Connect Discovery 1.0, 4.3: the issuer has to be exactly the one asked.
    """
    if not settings.oidc_issuer:
        raise NotReadyError(
            marked("This library does not sign people in by another server."),
            hint=marked("Sign in with your e-mail address and password."),
        )
    parts = urlsplit(settings.oidc_issuer)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise NotReadyError(
            "KB_OIDC_ISSUER has to begin with https://.",
            hint="On plain http anybody on the way could sign in as anybody.",
        )
    try:
        with httpx.Client(timeout=TIMEOUT_S) as client:
            address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
            told: dict[str, Any] = client.get(address).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable(settings, error) from error
    if told.get("issuer") != settings.oidc_issuer:
        raise NotReadyError(
            f"The server at {settings.oidc_issuer} calls itself {told.get('issuer')}.",
            hint="Set KB_OIDC_ISSUER to exactly what it calls itself.",
        )
    return told


def _reason(error: Exception) -> str:
    """Return what kind of error it was, and its code, such as invalid_client: nobody's words."""
    code = str(getattr(error, "error", ""))[:40]
    return f"{type(error).__name__} {code if code.isidentifier() else ''}".rstrip()


def _client(settings: Settings, callback: str, *, state: str | None = None) -> OAuth2Client:
    try:
        secret = settings.oidc_secret
    except OSError as error:
        raise NotReadyError(
            f"KB_OIDC_CLIENT_SECRET_FILE cannot be read: {error.strerror}.",
            hint="Check that the file is there, and who may read it.",
        ) from error
    return OAuth2Client(
        client_id=settings.oidc_client_id,
        client_secret=secret,
        scope=SCOPE,
        redirect_uri=callback,
        state=state,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
    )


def _answer(client: OAuth2Client, address: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get(address).raise_for_status().json()
    return told


def _unreachable(settings: Settings, error: Exception) -> NotReadyError:
    return NotReadyError(
        marked("The other server cannot be reached now."),
        hint=f"{settings.oidc_issuer}: {str(error) or type(error).__name__}",
    )
