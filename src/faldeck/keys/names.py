"""How a key is written in the config, named by Textual and shown to people: `ctrl+j`, `ctrl+j`, `^J`."""

from __future__ import annotations

from collections.abc import Mapping

PUNCTUATION: Mapping[str, str] = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
"""The signs of a keyboard and their names in Textual."""

SIGNS: Mapping[str, str] = {name: sign for sign, name in PUNCTUATION.items()}

SPECIAL: Mapping[str, str] = {
    "enter": "Enter",
    "tab": "Tab",
    "escape": "Esc",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "insert": "Ins",
    "delete": "Del",
    "backspace": "Backspace",
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}
"""Keys without a sign, and how they are shown."""

OTHER_NAMES: Mapping[str, str] = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "page_down": "pagedown",
    " ": "space",
}
"""Further ways to write some keys."""

MODIFIERS = ("ctrl", "alt", "shift")


class UnknownKey(ValueError):
    """A text is not the name of a key; the message says what is near."""


def parse(text: str) -> str:
    """Textual's name of a key or of a sequence of two keys. Takes `ctrl+j`, `^J`, `/`, `slash`, `gg`, `g c`.

    Raises UnknownKey.
    """
    if text == " ":
        return "space"
    parts = text.split()
    if len(parts) == 1 and len(text.strip()) == 2 and _is_pair(text.strip()):
        parts = list(text.strip())
    if not 1 <= len(parts) <= 2:
        raise UnknownKey("A key is one key, or two after each other." if parts else "No key is named.")
    return " ".join(_one(part) for part in parts)


def _is_pair(text: str) -> bool:
    """Whether a text of two characters is two keys: `gg`, but not `^J` or `up`."""
    lowered = text.lower()
    return text[0] != "^" and lowered not in SPECIAL and lowered not in OTHER_NAMES


def _one(text: str) -> str:
    """Textual's name of one key."""
    if len(text) == 1:
        return _named(text)
    if text[0] == "^" and len(text) == 2:
        return f"ctrl+{_named(text[1].lower())}"
    *modifiers, key = text.split("+") if text[-1] != "+" else [*text[:-1].rstrip("+").split("+"), "+"]
    modifiers = [modifier.lower() for modifier in modifiers]
    if any(modifier not in MODIFIERS for modifier in modifiers):
        raise UnknownKey(_near(text))
    name = _named(key) if len(key) == 1 else OTHER_NAMES.get(key.lower(), key.lower())
    if len(name) > 1 and name not in SPECIAL and name not in SIGNS:
        raise UnknownKey(_near(text))
    if "shift" in modifiers and len(name) == 1:
        raise UnknownKey(f"`{text}` is written as the character that it types.")
    return "+".join([*(one for one in MODIFIERS if one in modifiers), name.lower() if "ctrl" in modifiers else name])


def _named(character: str) -> str:
    """Textual's name of a character."""
    if name := PUNCTUATION.get(character):
        return name
    if character.isalnum():
        return character
    raise UnknownKey(f"{character!r} is not a key.")


def _near(text: str) -> str:
    import difflib  # Slow to import, and only needed for a mistake.

    known = [*SPECIAL, *OTHER_NAMES, *SIGNS, *(f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")]
    near = difflib.get_close_matches(text.lower(), known, n=1, cutoff=0.5)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    return f"`{text}` is not a key.{meant}"


def shown(key: str) -> str:
    """A key of Textual's as people read it: `^J`, `Enter`, `/`, `gg`."""
    if " " in key:
        parts = [shown(part) for part in key.split(" ")]
        return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)
    *modifiers, name = key.split("+")
    name = SIGNS.get(name) or SPECIAL.get(name) or name
    for modifier in reversed(modifiers):
        name = f"^{name.upper() if len(name) == 1 else name}" if modifier == "ctrl" else f"{modifier.title()}+{name}"
    return name


def written(key: str) -> str:
    """A key of Textual's as it is written in the config: `ctrl+j`, `enter`, `/`, `g c`."""
    if " " in key:
        return " ".join(written(part) for part in key.split(" "))
    *modifiers, name = key.split("+")
    return "+".join([*modifiers, SIGNS.get(name, name)])
