"""Presets: inputs that are saved under a name. Each model has one file in the config folder, which can be shared.

`<config dir>/presets/fal-ai/flux/dev.json` is `{"endpoint_id": …, "presets": {NAME: ARGUMENTS}}`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from faldeck.safety import private_file, sanitize
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.system import paths

Presets: TypeAlias = dict[str, dict[str, JsonValue]]
"""Name → arguments."""

LONGEST_NAME = 80
"""The longest name of a preset (characters)."""


class BrokenPresets(OSError):
    """A model's presets cannot be read or written; the text says which file and why."""


def path(endpoint_id: str) -> Path:
    """The path of a model's presets. The file may not exist."""
    *folders, name = (sanitize.file_name(part) for part in endpoint_id.split("/"))
    if endpoint_id != endpoint_id.lower():
        # On a disk that ignores case, two models would share a file.
        name += f"-{zlib.crc32(endpoint_id.encode()):08x}"
    return paths.config_dir().joinpath("presets", *folders, f"{name}.json")


def read(endpoint_id: str) -> Presets:
    """A model's presets by name; empty if there is no file. Raises BrokenPresets."""
    file = path(endpoint_id)
    try:
        document = json_value.read(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, InvalidValue) as error:
        raise BrokenPresets(f"{file} cannot be read: {error}.") from error
    named = document.get("presets") if isinstance(document, dict) else None
    if not isinstance(named, dict):
        raise BrokenPresets(f'{file} has no presets: it must be {{"presets": {{"NAME": {{…}}}}}}.')
    return {name: arguments for name, arguments in sorted(named.items()) if isinstance(arguments, dict)}


def write(endpoint_id: str, presets: Mapping[str, JsonValue]) -> None:
    """Replaces a model's presets on disk. Only the user can read the file. Raises BrokenPresets."""
    file = path(endpoint_id)
    text = json.dumps({"endpoint_id": endpoint_id, "presets": dict(sorted(presets.items()))}, indent=2)
    try:
        private_file.write(file, f"{text}\n")
    except OSError as error:
        raise BrokenPresets(f"{file} cannot be written: {error.strerror}.") from error


def named(text: str) -> str:
    """The name of a preset from what a person typed: one safe line; empty if nothing is left."""
    return sanitize.clean_line(text, limit=LONGEST_NAME)
