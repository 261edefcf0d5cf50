"""The keys of a form. Letters act outside its text line, what has a control key inside it as well."""

from __future__ import annotations

from textual.binding import Binding


def _key(key: str, action: str, label: str, name: str, said: str, *, shown: bool = False) -> Binding:
    return Binding(key, action, label, show=shown, id=f"form.{name}", tooltip=said)


FIELD_KEYS = (
    _key("enter", "edit", "Edit", "edit", "Edit, pick, switch or open the field", shown=True),
    _key("i", "type", "Type", "type", "Type into the field; Esc ends it"),
    _key("left", "step(-1)", "Previous", "previous", "The choice before, a smaller number"),
    _key("right,space", "step(1)", "Next", "next", "The next choice, a larger number"),
    _key("ctrl+o", "long_text", "Long text", "long", "Edit the field on many lines", shown=True),
    _key("ctrl+g,e", "own_editor", "Editor", "editor", "Edit the field in your own editor ($EDITOR)"),
    _key("ctrl+v,v", "clipboard", "Clipboard", "clipboard", "Put the desktop's clipboard into the field"),
    _key("delete,backspace", "reset", "Reset", "reset", "Unset, or remove the item"),
    _key("N", "null", "Null", "null", "Set the field to null"),
    _key("E", "example", "Example", "example", "Take the schema's example"),
    _key("D", "duplicate", "Duplicate", "duplicate", "Duplicate the list's item"),
    _key("less_than_sign", "shift(-1)", "Up", "item-up", "Move the item up"),
    _key("greater_than_sign", "shift(1)", "Down", "item-down", "Move the item down"),
    _key("X", "reset_all", "Reset all", "reset-all", "Empty the form"),
    _key("u", "undo", "Undo", "undo", "Take back the last change"),
    _key("escape", "leave", "Back", "leave", "End the typing"),
)
"""What can be done with any fields."""

REQUEST_KEYS = (
    _key("ctrl+j", "submit", "Submit", "submit", "Send the request", shown=True),
    _key("J", "json", "JSON", "json", "The whole input as JSON; paste JSON, curl or code there", shown=True),
    _key("p", "presets", "Presets", "presets", "Keep the input under a name, or take one that is kept", shown=True),
    _key("O", "options", "Options", "options", "How it is run: priority, time limits, webhook, files", shown=True),
    _key("ctrl+r,f", "output", "Job's file", "output", "Take a file that a job has made"),
    _key("r", "roll", "Seed", "roll", "Pin a new random seed; Del makes it random again"),
    _key("s", "same_seed", "Same seed", "same-seed", "Pin the seed that the last result was made with"),
    _key("slash", "screen.search", "Search", "search", "Search the models"),
)
"""What can be done with a model's whole input."""
