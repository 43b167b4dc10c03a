"""The pages of the sandbox: what its QR codes, avatars and address lead to."""

from __future__ import annotations

from html import escape

from twisted.web.http import Request
from twisted.web.resource import IResource, Resource

from .interfaces import IWorld

__all__ = ["CodePage", "HeadPage", "StartPage", "html_page"]

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font-family:sans-serif;max-width:34em;margin:3em auto;padding:0 1em;
line-height:1.5}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""

#: A grey square with a letter: the avatar of anybody.
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96">
<rect width="96" height="96" fill="#889"/>
<text x="48" y="66" font-size="52" text-anchor="middle" fill="#fff"
 font-family="sans-serif">{letter}</text></svg>
"""


def html_page(request: Request, title: str, text: str) -> bytes:
    """Answer with a page of one heading and one paragraph."""
    request.setHeader(b"content-type", b"text/html; charset=utf-8")
    return _PAGE.format(title=escape(title), text=escape(text)).encode()


class StartPage(Resource):
    """What is here."""

    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        """Say what is here."""
        return html_page(
            request,
            "PadChat sandbox gateway",
            "A gateway for developing PadChat bots, with a pretend WeChat behind it."
            " Connect a client to /user on this address with http, or with ws to /ws"
            " (dialect legacy) or /AUTH_KEY (dialect sdk). Nothing here reaches the"
            " real WeChat.",
        )


class CodePage(Resource):
    """What a QR code of the sandbox leads to, when a real phone scans it."""

    def __init__(self, world: IWorld) -> None:
        super().__init__()
        self._world = world

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Every address below is the page of one code."""
        return _OneCode(self._world, path.decode("utf-8", "replace"))


class _OneCode(Resource):
    isLeaf = True

    def __init__(self, world: IWorld, code_id: str) -> None:
        super().__init__()
        self._world = world
        self._code_id = code_id

    def render_GET(self, request: Request) -> bytes:
        login = self._world.find_code(self._code_id)
        if login is None:
            request.setResponseCode(404)
            return html_page(
                request,
                "This code is not valid any more",
                "It was a login code of a PadChat sandbox gateway, not of WeChat."
                " The account shows a new one when it is asked to.",
            )
        return html_page(
            request,
            f"Login code of account {login.name}",
            "This is a login code of a PadChat sandbox gateway, not of WeChat: no"
            " phone is needed. One of the sandbox's pretend people scans it, from"
            " Python, or by itself with 'padchat sandbox --scan'.",
        )


class HeadPage(Resource):
    """Avatars."""

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Every address below is the avatar of one WeChat id."""
        return _OneHead(path.decode("utf-8", "replace"))


class _OneHead(Resource):
    isLeaf = True

    def __init__(self, user_name: str) -> None:
        super().__init__()
        self._user_name = user_name

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"image/svg+xml")
        letter = self._user_name.removeprefix("wxid_")[:1].upper()
        if not letter.strip() or not letter.isprintable():
            letter = "?"
        return _HEAD.format(letter=escape(letter)).encode()
