"""Why accounts are online or not: by a running service, or by the store alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from twisted.web.resource import Resource
from twisted.web.server import Request

from ..errors import quoted
from ..session.account import AccountSession
from ..session.explain import LANGUAGES, Language, words_for
from ..store import StoredAccount
from .answers import not_run, written

__all__ = ["ExplainPage", "explain_stored", "language_named"]


class ExplainPage(Resource):
    """Explains one account, or all of them.

    Args:
        accounts: by name; read at each request.
    """

    isLeaf = True

    def __init__(self, accounts: Mapping[str, AccountSession]) -> None:
        super().__init__()
        self._accounts = accounts

    def render_GET(self, request: Request) -> bytes:
        """Answer with a list of explanations."""
        asked = _argument(request, b"language") or "en"
        language = language_named(asked)
        if language is None:
            known = " and ".join(LANGUAGES)
            error = f"there is no language {quoted(asked)!r}: there are {known}"
            return written(request, 400, {"error": error})
        name = _argument(request, b"account")
        if name is None:
            accounts = list(self._accounts.values())
        elif name in self._accounts:
            accounts = [self._accounts[name]]
        else:
            error = not_run(name, self._accounts)
            return written(request, 404, {"error": error})
        return written(request, 200, [each.explain(language) for each in accounts])


def language_named(text: str) -> Language | None:
    """Return the language of a text such as ``zh_CN.UTF-8``, None for another."""
    for language in LANGUAGES:
        if text.lower()[:2] == language and not text[2:3].isalpha():
            return language
    return None


def explain_stored(
    name: str, known: list[StoredAccount], language: Language
) -> Iterator[tuple[str, list[str]]]:
    """Tell what a store knows of an account that nobody runs.

    Args:
        name: label of the account.
        known: what the store has under that name; it may be there for several
            gateways.
        language: of the sentences.

    Yields:
        A sentence fit to stand in a list, and the others.
    """
    words = words_for(language)
    told = words.stored
    for account in known:
        if account.has_token:
            head = told.saved.format(name=name)
        elif account.void_reason is None:
            head = told.never_saved.format(name=name)
        else:
            # Nothing that a gateway chose: it may have said anything.
            why = told.reasons.get(account.void_reason, told.reasons[""])
            head = told.void.format(name=name, why=why)
        yield (
            head,
            [
                told.place.format(gateway=quoted(account.gateway)),
                told.has_device if account.has_device else told.no_device,
                words.do.format(do=told.do[not account.has_token]),
            ],
        )
    if not known:
        yield told.no_account.format(name=name), [words.do.format(do=told.do[1])]


def nobody_runs(
    socket: Path, store: Path, language: Language, *, is_there: bool
) -> str:
    """Say that no service answers, and whether there is a store."""
    told = words_for(language).stored
    sentence = told.nobody if is_there else told.no_store
    return sentence.format(socket=socket, store=store)


def _argument(request: Request, name: bytes) -> str | None:
    values = request.args.get(name) if request.args else None
    return values[-1].decode("utf-8", "replace") if values else None
