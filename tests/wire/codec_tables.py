"""The entries of the codec files in which we differ on purpose, with the reasons."""

from __future__ import annotations

_NO_NAMESPACE = (
    "the JavaScript decoder hands out an ERROR packet without a namespace, which nobody"
    " gets; a type that does not exist is an error of the peer here"
)
_CANNOT_ENCODE = (
    "the JavaScript encoder sends an ERROR packet to the peer; we raise"
    " LocalProtocolError and send nothing"
)

_OF_1X = (
    "payloads of socket.io 1.x (parser 1.3.2) are not written: binary form for text"
    " alone, UTF-8 bytes as characters in the text form"
)
_JAVASCRIPT = "functions, dates and toJSON are values of JavaScript alone"
_ELEVEN = "eleven attachments: every decoder refuses them, so nothing is sent"
_NO_ARGUMENTS = "an event without arguments is refused, as in other spellings"

#: Entries in which we differ on purpose, each with the reason.
DIFFERENT_ENTRIES = {
    **dict.fromkeys((f"eio-{n}" for n in (339, 341, 342, 343, 344, 346)), _OF_1X),
    "sio-033": _JAVASCRIPT,
    "sio-034": _JAVASCRIPT,
    "sio-081": _ELEVEN,
    "sio-082": _ELEVEN,
    "sio-087": _CANNOT_ENCODE,
    "sio-089": _CANNOT_ENCODE,
    "sio-227": _NO_ARGUMENTS,
    "sio-228": _NO_ARGUMENTS,
    **dict.fromkeys(
        (
            "sio-371",
            "sio-373",
            "sio-375",
            "sio-377",
            "sio-379",
            "sio-383",
            "sio-385",
            "sio-387",
        ),
        _NO_NAMESPACE,
    ),
}
