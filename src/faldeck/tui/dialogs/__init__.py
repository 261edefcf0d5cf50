"""Small dialogs over the deck. Each is a screen that returns an answer, or None if the person left it.

A dialog imports panes and the form, never the deck or the actions.
Reading order: `picker` (pick one of a list), `text` (a text, a line, a secret), `options`, `presets`, `outputs`,
`profiles` with `profile_list` and `profile_form`, `setup` (the first start).

Tests: tests/tui/dialogs/
"""
