"""The keys of a form. Letters act while nothing is typed; keys with Ctrl always act."""

from __future__ import annotations

from textual.binding import Binding


def _key(key: str, action: str, label: str, name: str, help_text: str, *, shown: bool = False) -> Binding:
    return Binding(key, action, label, show=shown, id=f"form.{name}", tooltip=help_text)


FIELD_KEYS = (
    _key("enter", "field('edit')", "Edit", "edit", "Edit, pick, switch or open the field", shown=True),
    _key("i", "field('type')", "Type", "type", "Type into the field; Esc ends it"),
    _key("left", "field('step', -1)", "Previous", "previous", "The choice before, a smaller number"),
    _key("right,space", "field('step', 1)", "Next", "next", "The next choice, a larger number"),
    _key("ctrl+o", "field('long_text')", "Long text", "long", "Edit the field on many lines", shown=True),
    _key("ctrl+g,e", "field('own_editor')", "Editor", "editor", "Edit the field in your own editor ($EDITOR)"),
    _key("ctrl+v,v", "field('clipboard')", "Clipboard", "clipboard", "Put the desktop's clipboard into the field"),
    _key("delete,backspace", "field('reset')", "Reset", "reset", "Unset, or remove the item"),
    _key("N", "field('null')", "Null", "null", "Set the field to null"),
    _key("E", "field('example')", "Example", "example", "Use the schema's example"),
    _key("D", "field('duplicate')", "Duplicate", "duplicate", "Duplicate the list's item"),
    _key("less_than_sign", "field('shift', -1)", "Up", "item-up", "Move the item up"),
    _key("greater_than_sign", "field('shift', 1)", "Down", "item-down", "Move the item down"),
    _key("X", "field('reset_all')", "Reset all", "reset-all", "Empty the form"),
    _key("u", "field('undo')", "Undo", "undo", "Undo the last change"),
    _key("escape", "field('leave')", "Back", "leave", "End the typing"),
)
"""Keys that change the current row, or go to it; see `FieldCommands`."""

REQUEST_KEYS = (
    _key("ctrl+j", "request('submit')", "Submit", "submit", "Send the request", shown=True),
    _key("J", "request('json')", "JSON", "json", "The whole input as JSON; paste JSON or curl here", shown=True),
    _key(
        "p",
        "request('presets')",
        "Presets",
        "presets",
        "Save the input under a name, or use a saved one",
        shown=True,
    ),
    _key(
        "O",
        "request('options')",
        "Options",
        "options",
        "How it is run: priority, limits, webhook, files",
        shown=True,
    ),
    _key("ctrl+r,f", "request('output')", "Job's file", "output", "Use a file that a job has made"),
    _key("r", "request('roll')", "Seed", "roll", "Set a new random seed; Del unsets it"),
    _key("s", "request('same_seed')", "Same seed", "same-seed", "Set the seed of the last result"),
    _key("slash", "screen.search", "Search", "search", "Search the models"),
)
"""Keys for a model's whole input; see `RequestCommands`."""
