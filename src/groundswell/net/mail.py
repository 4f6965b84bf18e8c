"""Letters over SMTP: `smtp://user:password@host:587` (with STARTTLS where the server offers it) or `smtps://`."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from groundswell.domain.errors import InvalidInput, Unavailable

_SECONDS = 20


class SmtpMail:
    """`service.ports.Mail` over a mail server; a connection a letter."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise InvalidInput("expected smtp://host:port or smtps://host:port in smtp_url", field="smtp_url")
        self._parts, self._sender = parts, sender

    def send(self, to: str, subject: str, text: str) -> None:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter.set_content(text)
        try:
            with self._connected() as server:
                if self._parts.username:
                    server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server did not take a letter: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        host, trust = self._parts.hostname or "", ssl.create_default_context()
        if self._parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._parts.port or 465, timeout=_SECONDS, context=trust)
        server = smtplib.SMTP(host, self._parts.port or 587, timeout=_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=trust)
            server.ehlo()
        return server
