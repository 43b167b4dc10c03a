"""Area labels: groups of contacts."""

from __future__ import annotations

from .base import Answer, Command, Part

__all__ = [
    "AddLabel",
    "DeleteLabel",
    "GetLabelList",
    "Label",
    "LabelList",
    "SetLabel",
]


class Label(Part, frozen=True, gc=False):
    """Label for contacts.

    Args:
        id: id; sent as string in requests.
        name: name.

    Source: commands.toml, type Label.
    """

    id: int = 0
    name: str = ""


class LabelList(Answer, frozen=True, gc=False):
    """The result of ``GetLabelList``.

    Args:
        label: labels.

    Source: commands.toml, getLabelList.
    """

    label: tuple[Label, ...] = ()


class GetLabelList(Command[LabelList], frozen=True):
    """List all labels.

    Source: commands.toml, getLabelList.
    """


class AddLabel(Command[Answer], frozen=True):
    """Create a label.

    Args:
        label: name of the label.

    Source: commands.toml, addLabel.
    """

    label: str

    changes_world = True


class DeleteLabel(Command[Answer], frozen=True):
    """Delete a label.

    Args:
        label_id: id of the label, as a string.

    Source: commands.toml, deleteLabel.
    """

    label_id: str

    changes_world = True


class SetLabel(Command[Answer], frozen=True):
    """Put a label on a contact.

    Args:
        user_id: wxid of the user.
        label_id: id of the label, as a string.

    Source: commands.toml, setLabel.
    """

    user_id: str
    label_id: str

    changes_world = True
