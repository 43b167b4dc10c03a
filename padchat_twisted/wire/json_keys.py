"""Keys from one letter case to another, and JSON texts inside JSON.

Legacy gateways spell keys PascalCase, those of the sdk snake_case; inside our program
they are camelCase. Both write a few fields as JSON text.

Source: dialects.md, 3, "What the reference client does to every frame", and 4, "JSON
text inside results"; padchat-sdk 0.6.3, helper.js and index.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from . import json_text
from .limits import MAX_JSON_VALUES

__all__ = [
    "Texts",
    "camel_case",
    "camel_key",
    "pascal_case",
    "pascal_key",
    "snake_case",
    "snake_key",
    "with_keys",
    "write_texts",
]

#: Fields of a result that may hold JSON text.
TEXT_FIELDS = ("external", "info", "member")

#: Fields of ``info`` that may hold JSON text themselves, as camelCase spells them.
INFO_FIELDS = (
    "brandInfo",
    "externalInfo",
    "mmBizMenu",
    "registerSource",
    "verifySource",
    "location",
    "cookies",
    "bindWxaInfo",
)

#: Keys that are kept converted, and the longest of them (characters): the tables have
#: 300 keys of up to 20.
MAX_KEYS_KEPT = 1024
MAX_KEY_KEPT = 64

_UNDERSCORE = re.compile(r"_(\w)", re.ASCII)
_FIRST_TWO = re.compile(r"\w\w", re.ASCII)
_UPPER = re.compile(r"[A-Z]")


@lru_cache(MAX_KEYS_KEPT)
def _camel_key(key: str) -> str:
    name = _UNDERSCORE.sub(lambda match: match[1].upper(), key)
    if _FIRST_TWO.match(name):
        name = name[:2].lower() + name[2:]
    return name


def camel_key(key: str) -> str:
    """Spell a key of either dialect in camelCase.

    An underscore and the next character become the upper-case character, and the
    first two characters become lower case: ``MMBizMenu`` gives ``mmBizMenu``, and
    ``X-WECHAT-KEY`` stays.
    """
    return _camel_key(key) if len(key) <= MAX_KEY_KEPT else _camel_key.__wrapped__(key)


def snake_key(key: str) -> str:
    """Spell a camelCase key in snake_case."""
    return _UPPER.sub(lambda match: f"_{match[0].lower()}", key)


def pascal_key(key: str) -> str:
    """Spell a camelCase key in PascalCase."""
    return key[:1].upper() + key[1:]


def with_keys(value: Any, spell: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """Return *value* with all of its keys, at every depth, spelled by *spell*."""
    if isinstance(value, dict):
        return {spell(key): with_keys(item, spell) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_keys(item, spell) for item in value]
    return value


def camel_case(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Spell all keys in camelCase."""
    return with_keys(value, camel_key)


def pascal_case(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Spell all keys in PascalCase."""
    return with_keys(value, pascal_key)


def snake_case(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Spell all keys in snake_case."""
    return with_keys(value, snake_key)


class Texts:
    """Reads the JSON texts inside one frame.

    Together they hold no more values than a frame may; what is more stays text.
    """

    def __init__(self) -> None:
        self._values_left = MAX_JSON_VALUES

    def read_result(self, data: dict[str, Any]) -> None:
        """Read the texts in a result's data, in place."""
        for name in TEXT_FIELDS:
            self._read_field(data, name)
        info = data.get("info")
        if isinstance(info, dict):
            self._read_info(info)

    def read_item(self, item: dict[str, Any]) -> None:
        """Read the members of a room in a push item, in place."""
        self._read_field(item, "member")

    def _read_info(self, info: dict[str, Any]) -> None:
        """Read what is known of the values of official accounts, in place."""
        for name in INFO_FIELDS:
            self._read_field(info, name)
        groups = info.get("data")
        for group in groups if isinstance(groups, list) else ():
            items = group.get("items") if isinstance(group, dict) else None
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    for name in INFO_FIELDS:
                        self._read_field(item, name)

    def _read_field(self, fields: dict[str, Any], name: str) -> None:
        text = fields.get(name)
        if not isinstance(text, str):
            return
        bare = text.strip()
        if bare[:1] not in ("[", "{"):
            # A number as text is the value itself; null stands for nothing.
            if bare == "null":
                fields[name] = None
            return
        signs = bare.count(",") + bare.count("[") + bare.count("{")
        if signs > self._values_left:
            return
        self._values_left -= signs
        try:
            found = json_text.read(_encoded(bare))
        except ValueError:
            return
        fields[name] = camel_case(found)


def _encoded(text: str) -> bytes:
    r"""Encode JSON text; a lone surrogate in it becomes an escaped one."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        escaped = (f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)
        return "".join(escaped).encode()


def write_texts(
    data: dict[str, Any],
    spell: Callable[[Any], Any],
) -> dict[str, Any]:
    """Write as JSON text what gateways write so.

    Args:
        data: of a result, or a push item; its own keys are still camelCase.
        spell: one of the functions above, for ``member``; the other two are texts of
            the engine, which spells keys in its own way whatever the dialect.

    Returns:
        A copy.
    """
    written = dict(data)
    for name in TEXT_FIELDS:
        value = written.get(name)
        if isinstance(value, list | tuple | dict):
            is_engine = name in _ENGINE_SPELLS and isinstance(value, dict)
            spelled = _ENGINE_SPELLS[name](value) if is_engine else spell(value)
            text = json_text.write(spelled).decode()
            written[name] = text + "\n" if name == "member" else text
    return written


def _spell_external(fields: dict[str, Any]) -> dict[str, Any]:
    """Spell what is said of money: of transfers in snake_case, of red packets not."""
    if "feeType" in fields:
        spelled: dict[str, Any] = snake_case(fields)
        return spelled
    return {_ENGINE_KEYS.get(key, key): value for key, value in fields.items()}


def _spell_info(info: dict[str, Any]) -> dict[str, Any]:
    """Spell what is said of official accounts: a profile, a search, or keys."""
    if "userName" in info:
        fields = _with_info_texts(info)
        return {_ENGINE_KEYS.get(key, pascal_key(key)): fields[key] for key in fields}
    if "data" in info:
        groups = [
            {**group, "items": [_with_info_texts(item) for item in group["items"]]}
            for group in info["data"] or ()
        ]
        return {**_with_info_texts(info), "data": groups}
    return info


def _with_info_texts(fields: dict[str, Any]) -> dict[str, Any]:
    """Write as JSON text what is a text within the text."""
    return {
        key: json_text.write(_INFO_SPELLS[key](value)).decode()
        if key in _INFO_SPELLS
        else value
        for key, value in fields.items()
    }


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    return value


#: How the engine spells the keys of its texts. Source: commands.toml, ``raw_keys``.
_ENGINE_SPELLS: dict[str, Callable[[Any], Any]] = {
    "external": _spell_external,
    "info": _spell_info,
}

#: The same for the texts within ``info``; ``location`` is in no table.
_INFO_SPELLS: dict[str, Callable[[Any], Any]] = {
    "brandInfo": _as_it_is,
    "bindWxaInfo": _as_it_is,
    "cookies": _as_it_is,
    "externalInfo": pascal_case,
    "mmBizMenu": snake_case,
    "registerSource": pascal_case,
    "verifySource": pascal_case,
}

#: Keys that are spelled as no rule has them.
_ENGINE_KEYS = {
    "mmBizMenu": "MMBizMenu",
    "pyInitial": "PYInitial",
    "systemMsgContext": "SystemMsgContext",
}
