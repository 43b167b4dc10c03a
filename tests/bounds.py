"""The containers of the code that live longer than a call, found in its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import padchat_twisted

PACKAGE = Path(padchat_twisted.__file__).parent

#: What is called to make a container, or something that others wait for.
KINDS = frozenset(
    (
        "Counter",
        "DeferredLock",
        "DeferredQueue",
        "DeferredSemaphore",
        "OrderedDict",
        "Queue",
        "SimpleQueue",
        "WeakKeyDictionary",
        "WeakSet",
        "WeakValueDictionary",
        "bytearray",
        "defaultdict",
        "deque",
        "dict",
        "list",
        "set",
    )
)


def containers() -> set[str]:
    """Find them all, by module, class and attribute."""
    found: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found.update(f"{module}.{name}" for name in containers_in(path.read_text()))
    return found


def containers_in(source: str) -> set[str]:
    """Find the containers of a module's instances, of itself, and its caches.

    Constants, whose names are capitals, are no part of it, nor are variables of
    functions.
    """
    return set(_within(ast.parse(source), ""))


def _within(node: ast.AST, owner: str, *, is_local: bool = False) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _within(child, f"{owner}{child.name}.")
            continue
        if isinstance(child, ast.FunctionDef) and _is_cached(child):
            yield f"{owner}{child.name}()"
        for target in _filled(child):
            if isinstance(target, ast.Attribute) and _is_self(target.value):
                yield f"{owner}{target.attr}"
            elif isinstance(target, ast.Name) and not is_local and _varies(target.id):
                yield f"{owner}{target.id}"
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _within(child, owner, is_local=is_local or is_function)


def _filled(node: ast.AST) -> list[ast.expr]:
    """Return what an assignment gives new containers to."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=left)], value=ast.Tuple(elts=right)):
            return [a for a, b in zip(left, right, strict=False) if _is_new(b)]
        case ast.Assign(targets=targets, value=value) if _is_new(value):
            return targets
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_new(value):
            return [target]
    return []


def _is_new(value: ast.expr) -> bool:
    match value:
        case ast.Dict() | ast.List() | ast.Set():
            return True
        case ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.IfExp(body=body, orelse=other):
            return _is_new(body) or _is_new(other)
        case ast.BoolOp(values=values):
            return any(map(_is_new, values))
        case ast.Call(keywords=keywords) if _name_of(value.func) == "field":
            return any(each.arg == "default_factory" for each in keywords)
        case ast.Call(func=made):
            return _name_of(made) in KINDS
    return False


def _varies(name: str) -> bool:
    return name.islower() and name != "__all__"


def _name_of(made: ast.expr) -> str:
    match made:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name_of(value)
    return ""


def _is_cached(function: ast.FunctionDef) -> bool:
    # A cached property keeps one value, in its instance.
    return any(
        _name_of(each.func if isinstance(each, ast.Call) else each)
        in ("cache", "lru_cache")
        for each in function.decorator_list
    )


def _is_self(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "self"
