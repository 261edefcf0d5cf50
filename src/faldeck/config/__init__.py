"""What a person can set: settings, profiles and keys, and the editing of their files.

Imports `safety`, `system`, `schema` and `keys`; nothing that talks to the network.

Read in this order: `profile` is one service; `settings` reads `config.toml` as a `Config`; `credentials` finds and
saves keys, `key_text` takes a key out of a pasted text, `demo_key` makes the key of the demo; `keyboard_settings` reads
which keys of the keyboard a person has chosen; `toml_edit` changes the file and keeps its comments. `toml_read` and
`toml_outline` are TOML with line numbers and one error per line. `deck_state` is what the deck remembers by itself, in
a file of its own.

Tests: tests/config/
"""
