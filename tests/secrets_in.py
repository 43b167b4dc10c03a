"""Looks for secrets in logs, in every form in which one may stand there."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from twisted.logger import LogEvent, eventAsJSON, eventAsText

#: How many of its characters give a secret away, for one that was cut.
GIVEN_AWAY = 16

#: Shortest secret that is looked for in bytes (characters).
SHORTEST = 8


def forms_of(secret: str) -> set[str]:
    """Return how *secret* may be written in a log: as it is, encoded, or cut."""
    encoded = quote(secret, safe="-_.!~*'()")
    forms = {
        secret,
        encoded,
        re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        repr(secret.encode())[2:-1],
    }
    return forms | {form[:GIVEN_AWAY] for form in forms if len(secret) > GIVEN_AWAY}


def secrets_in(text: str, secrets: Mapping[str, str]) -> list[str]:
    """Find secrets in a text; a short one, such as "ping", only as a whole word.

    Args:
        text: a log.
        secrets: what to look for, by what it is.

    Returns:
        What was found, in words that do not repeat it.
    """
    found = []
    for what, secret in secrets.items():
        assert secret, f"there is no {what}"
        for form in forms_of(secret):
            edge = r"\b" if form.isalnum() and len(form) < GIVEN_AWAY else ""
            if re.search(f"{edge}{re.escape(form)}{edge}", text):
                found.append(f"{what}, in {len(form)} characters")
    return sorted(found)


def text_of_events(events: Iterable[LogEvent]) -> str:
    """Write events as people read them, and as machines do, with all their fields."""
    return "\n".join(f"{eventAsText(event)}\n{eventAsJSON(event)}" for event in events)


def encoded_forms_of(secret: str) -> set[bytes]:
    """Return how *secret* may stand in a file: as in a log, or in another coding.

    Of base64 what is the same wherever in a longer text the secret stands.
    """
    utf8 = secret.encode()
    forms = {form.encode() for form in forms_of(secret)}
    for skipped in range(3):
        text = b64encode(b"\0" * skipped + utf8)
        # The first characters hold bits of what stands before, the last ones of what
        # comes behind.
        begin, end = -(-skipped * 4 // 3), (skipped + len(utf8)) * 4 // 3
        text = text[begin:end]
        forms |= {text, text.translate(bytes.maketrans(b"+/", b"-_"))}
    forms |= {utf8.hex().encode(), utf8.hex().upper().encode()}
    forms |= {secret.encode("utf-16-le"), secret.encode("utf-16-be")}
    return forms


def secrets_in_bytes(content: bytes, secrets: Mapping[str, str]) -> list[str]:
    """Find secrets in bytes of any kind; none of them may be short.

    Args:
        content: of a file or a stream.
        secrets: what to look for, by what it is.

    Returns:
        What was found, in words that do not repeat it.
    """
    found = []
    for what, secret in secrets.items():
        assert len(secret) >= SHORTEST, f"{what} may stand anywhere by chance"
        if any(form in content for form in encoded_forms_of(secret)):
            found.append(what)
    return sorted(found)
