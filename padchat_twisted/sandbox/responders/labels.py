"""The commands of area labels.

PURE. Source: commands.toml, group ``labels``; open-questions.md, Q51, for the id as a
number and as a text.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..binding import Binding
from .base import Parameters, Reply, Responder, done, text, whole_number
from .contacts import person_named

__all__ = ["RESPONDERS"]


def get_label_list(binding: Binding, params: Parameters) -> Reply:
    """Return all labels."""
    labels = binding.account.user.labels.items()
    return done(label=[{"id": label_id, "name": name} for label_id, name in labels])


def add_label(binding: Binding, params: Parameters) -> Reply:
    """Make a label."""
    binding.account.world.labels.add(binding.account.user, text(params, "label"))
    return done()


def delete_label(binding: Binding, params: Parameters) -> Reply:
    """Delete a label; it is taken off all contacts."""
    label_id = whole_number(params, "labelId")
    binding.account.world.labels.delete(binding.account.user, label_id)
    return done()


def set_label(binding: Binding, params: Parameters) -> Reply:
    """Put a label on a contact."""
    contact, label_id = person_named(binding, params), whole_number(params, "labelId")
    binding.account.world.labels.put(binding.account.user, contact, label_id)
    return done()


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "getLabelList": Responder(get_label_list),
    "addLabel": Responder(add_label),
    "deleteLabel": Responder(delete_label),
    "setLabel": Responder(set_label),
}
