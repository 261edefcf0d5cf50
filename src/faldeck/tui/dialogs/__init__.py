"""Dialogs and screens over the deck. Each returns an answer, or None if the person left it.

A dialog imports panes and the form, never the deck or the actions.
Small dialogs: `picker` (pick one of a list), `text` (a text, a line, a secret), `reading` (a text to read), `options`,
`presets`, `outputs`, `profiles` with `profile_list` and `profile_form`, `setup` (the first start).
Whole screens, each around the pane of the same name in `panes/`: `stats`, `compare`, `contact_sheet`, `qr`,
`model_page`.

Tests: tests/tui/dialogs/
"""
