"""Mail, sent to a real server on this computer."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from aiosmtpd.smtp import AuthResult

from kb.errors import NotReadyError
from tests.web.mail_server import HOST, Box, listening
from web import mail

PASSWORD = "a password of the server"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def listen(box) -> Iterator:
    """Start a mail server; return its port."""
    with ExitStack() as running:
        yield lambda **options: running.enter_context(listening(box, **options))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[str, str]:
    """A certificate for this computer that nobody but the test trusts, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    ask = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext"
    said = ["subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*ask.split(), *said], check=True, capture_output=True)
    return str(made), str(key)


@pytest.fixture
def tls(certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(tls, certificate, monkeypatch) -> ssl.SSLContext:
    """The same, and the library trusts it."""
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    return tls


@pytest.fixture
def send(library):
    """Send a mail under these settings."""

    def sending(port: int, to: str = "neema@clinic.example", tls: str = "none", **changes) -> None:
        settings = {"smtp_host": HOST, "smtp_port": port, "smtp_tls": tls, **changes}
        ready = {"smtp_from": "library@ministry.example"} | settings
        object.__setattr__(library, "settings", library.settings.model_copy(update=ready))
        mail.send(library, to=to, subject="A team asks", text="Read it:\nhttps://x/1\n")

    return sending


def test_a_library_without_a_mail_server_says_that_it_is_not_ready(library) -> None:
    assert not mail.is_set_up(library.settings)
    with pytest.raises(NotReadyError, match="no mail server"):
        mail.send(library, to="neema@clinic.example", subject="x", text="y")


def test_a_mail_arrives_with_subject_text_and_the_name_of_the_library(send, listen, box) -> None:
    send(listen())
    (taken,) = box.taken
    assert taken["Subject"] == "A team asks"
    assert taken["To"] == "neema@clinic.example"
    assert taken["From"] == "Test shelf <library@ministry.example>"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content().replace("\r\n", "\n") == "Read it:\nhttps://x/1\n"


def test_a_server_with_a_certificate_that_is_trusted_is_spoken_to_over_tls(
    send, listen, box, trusted
) -> None:
    send(listen(tls_context=trusted), tls="starttls")
    assert box.over_tls == [True]


def test_nothing_is_sent_to_a_server_whose_certificate_nobody_knows(send, listen, box, tls) -> None:
    with pytest.raises(NotReadyError, match="certificate"):
        send(listen(tls_context=tls), tls="starttls")
    assert not box.taken


def test_nothing_is_sent_in_plain_where_the_server_has_no_tls(send, listen, box) -> None:
    with pytest.raises(NotReadyError, match="STARTTLS"):
        send(listen(), tls="starttls")
    assert not box.taken


def test_tls_from_the_first_byte(send, listen, box, trusted) -> None:

    send(listen(ssl_context=trusted), tls="tls")
    assert box.taken


def test_a_recipient_whom_the_server_refuses_for_ever_is_told_apart_from_one_for_now(
    send, listen, box
) -> None:
    port = listen()
    with pytest.raises(mail.RefusedError, match="no such person"):
        send(port, to="gone@clinic.example")
    with pytest.raises(NotReadyError, match="452"):
        send(port, to="full@clinic.example")
    assert not box.taken


def test_a_server_that_is_not_there_is_said(send) -> None:
    with pytest.raises(NotReadyError, match="did not take the mail") as refused:
        send(1)
    assert "KB_SMTP" in refused.value.hint


def test_the_library_signs_in_over_tls_with_the_password_of_a_file(
    send, listen, box, trusted, tmp_path
) -> None:
    (tmp_path / "secret").write_text(f"{PASSWORD}\n")

    def known(_server, _session, _envelope, _kind, data) -> AuthResult:
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    port = listen(tls_context=trusted, authenticator=known, auth_required=True)
    file = {"smtp_user": "library", "smtp_password_file": tmp_path / "secret"}
    send(port, tls="starttls", **file)
    assert len(box.taken) == 1
    with pytest.raises(NotReadyError, match="535") as refused:
        send(port, tls="starttls", smtp_user="library", smtp_password_file=None)
    assert PASSWORD not in str(refused.value)


def test_a_password_is_never_sent_in_plain(send, listen, box) -> None:
    with pytest.raises(NotReadyError, match="everybody on the way"):
        send(listen(), smtp_user="library", smtp_password=PASSWORD)
    assert not box.taken


@pytest.mark.parametrize(
    "address", ["", "neema", "a@b, c@d", "a@b\nBcc: c@d", "<a@b>", "a b@c", "a@b@c"]
)
def test_what_is_no_single_address_gets_no_mail(send, address) -> None:
    with pytest.raises(mail.RefusedError):
        send(1, to=address)


def test_a_subject_is_one_line_and_readers_get_a_button_that_ends_such_mails(library) -> None:
    settings = library.settings.model_copy(update={"smtp_from": "library@ministry.example"})
    object.__setattr__(library, "settings", settings)
    stop = "https://library.example/notices/stop/abc"
    made = mail.message(
        library, to="a@b", subject="One\r\nBcc: x@y", text="سلام", stop=stop, name="notice-7"
    )
    assert made["Subject"] == "One Bcc: x@y"
    assert made["Bcc"] is None
    assert made["List-Unsubscribe"] == f"<{stop}>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert made["Message-ID"] == "<notice-7@ministry.example>"
    assert made.get_content() == "سلام\n"
