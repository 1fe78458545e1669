"""Send a mail by the library's own mail server (SMTP): the only door to smtplib.

Who calls waits until the server has taken the mail; who must not wait writes a notice instead
(`kb.notices`), which `web.outbox` sends.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from kb.errors import InvalidError, NotReadyError
from kb.settings import Settings
from kb.wording import marked
from web.library import Library

TIMEOUT_S = 20
# One address and nothing else: neither a list of them nor a second header.
ADDRESS = re.compile(r"[^\s,;:<>\"()\[\]\\@]+@[^\s,;:<>\"()\[\]\\@]+")
# No header is broken into lines: not every program puts an address together again.
POLICY = policy.SMTP.clone(max_line_length=998)  # as RFC 5322 allows, 2.1.1
FOR_EVER = range(500, 600)  # answers of a server that will not change; RFC 5321, 4.2.1


class RefusedError(InvalidError):
    """The server does not take mail for this address, now or later."""


def is_set_up(settings: Settings) -> bool:
    """Tell whether the library can send mail at all."""
    return bool(settings.smtp_host and settings.smtp_from)


def send(
    library: Library,
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    stop: str = "",
    name: str = "",
) -> None:
    """Send one mail to one address, and return when the mail server has taken it.

    Args:
        library: whose settings name the server, and whose name the mail comes from.
        to: the address, alone.
        subject: one line.
        text: plain text, in the reader's language.
        html: the same as a page, for programs that show it.
        stop: the address of the page that ends such mails: readers get one button for it.
        name: makes the Message-ID, so that a mail sent twice is seen to be one.

    Raises:
        NotReadyError: there is no mail server, or it cannot be reached, or not safely, now.
        RefusedError: it does not take mail for this address.
    """
    settings = library.settings
    if not is_set_up(settings):
        raise NotReadyError(
            marked("This library sends no mail: it has no mail server."),
            hint=marked("Whoever runs the library sets KB_SMTP_HOST and KB_SMTP_FROM."),
        )
    if not ADDRESS.fullmatch(to):
        raise RefusedError(
            marked("“%(address)s” is no mail address.", address=to[:80]),
            hint=marked("Write it as name@place.example."),
        )
    mail = message(library, to=to, subject=subject, text=text, html=html, stop=stop, name=name)
    _deliver(settings, mail)


def message(
    library: Library,
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    stop: str = "",
    name: str = "",
) -> EmailMessage:
    """Return the mail as it is sent.

    Source: RFC 8058 for the button that ends such mails; RFC 3834 for what no machine answers.
    """
    sender = library.settings.smtp_from
    mail = EmailMessage(policy=POLICY)
    mail["From"] = formataddr((library.site.name, sender))
    mail["To"] = to
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = formatdate(usegmt=True)
    domain = sender.rpartition("@")[2]
    mail["Message-ID"] = f"<{name}@{domain}>" if name else make_msgid(domain=domain)
    mail["Auto-Submitted"] = "auto-generated"
    if stop:
        mail["List-Unsubscribe"] = f"<{stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def _deliver(settings: Settings, mail: EmailMessage) -> None:
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(settings, error) from error
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        if code in FOR_EVER:
            raise _refused(str(mail["To"]), said) from error
        raise _unreachable(settings, error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(settings, error) from error
    finally:
        with suppress(OSError, smtplib.SMTPException):  # the mail is taken, or was not
            server.quit()


def _connected(settings: Settings) -> smtplib.SMTP:
    """Return a server that is spoken to over TLS, unless the operator said it is not to be."""
    host, port = settings.smtp_host, settings.smtp_port
    safely = ssl.create_default_context()
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=safely)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=safely)  # fails where the server has none: nothing goes plain
        if settings.smtp_user:
            server.login(settings.smtp_user, _password(settings))
    except BaseException:
        server.close()
        raise
    return server


def _password(settings: Settings) -> str:
    if settings.smtp_tls == "none":
        raise NotReadyError(
            "A password of a mail server is not sent where everybody on the way can read it.",
            hint="Set KB_SMTP_TLS to starttls or tls, or leave KB_SMTP_USER out.",
        )
    if settings.smtp_password_file is None:
        return settings.smtp_password
    try:
        return settings.smtp_password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NotReadyError(
            f"KB_SMTP_PASSWORD_FILE cannot be read: {error.strerror}.",
            hint="Check that the file is there, and who may read it.",
        ) from error


def _unreachable(settings: Settings, error: Exception) -> NotReadyError:
    return NotReadyError(
        f"The mail server {settings.smtp_host}:{settings.smtp_port} did not take the mail: "
        f"{_said(error)}.",
        hint="Check the settings that begin with KB_SMTP; docs/notices.md says what they may be.",
    )


def _refused(address: str, said: bytes) -> RefusedError:
    return RefusedError(
        f"The mail server does not take mail for {address}: {said.decode(errors='replace')}",
        hint="Check the address.",
    )


def _said(error: Exception) -> str:
    """Return the reason without what the server repeats of the mail or of who signs in."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _ = next(iter(error.recipients.values()))
        return f"it answered {code}"
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
