"""Scenes of area labels."""

from __future__ import annotations

from padchat_twisted.catalogue import (
    AddLabel,
    Answer,
    DeleteLabel,
    GetLabelList,
    Label,
    LabelList,
    SetLabel,
)
from padchat_twisted.sandbox.binding import State

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]


def get_label_list(cast: Cast) -> Scene:
    """All labels of the bot; one that is not logged in has none."""
    for name in ("buyers", "sellers"):
        cast.world.labels.add(cast.me, name)
    return Scene(
        GetLabelList(),
        LabelList(label=(Label(1, "buyers"), Label(2, "sellers"))),
        refused=GetLabelList(),
        because="not logged in",
        refused_at=State.INITIALISED,
    )


def add_label(cast: Cast) -> Scene:
    """A label is made; a second one of the same name is not."""

    def check() -> None:
        assert cast.me.labels == {1: "buyers"}

    return Scene(
        AddLabel("buyers"),
        Answer(),
        refused=AddLabel("buyers"),
        because="of that name",
        check=check,
    )


def delete_label(cast: Cast) -> Scene:
    """A label is taken off its contacts and deleted, once."""
    label_id = cast.world.labels.add(cast.me, "buyers")
    cast.world.labels.put(cast.me, cast.alice, label_id)

    def check() -> None:
        assert cast.me.labels == {}
        assert cast.me.notes_on(cast.alice).label_ids == []

    return Scene(
        DeleteLabel(str(label_id)),
        Answer(),
        refused=DeleteLabel(str(label_id)),
        because="no label",
        check=check,
    )


def set_label(cast: Cast) -> Scene:
    """Alice gets a label; there is none of the other id."""
    label_id = cast.world.labels.add(cast.me, "buyers")

    def check() -> None:
        assert cast.me.notes_on(cast.alice).label_ids == [label_id]

    return Scene(
        SetLabel(cast.alice.user_name, str(label_id)),
        Answer(),
        refused=SetLabel(cast.alice.user_name, "7"),
        because="no label",
        check=check,
    )


SCENES: dict[str, MakeScene] = {
    "getLabelList": get_label_list,
    "addLabel": add_label,
    "deleteLabel": delete_label,
    "setLabel": set_label,
}
