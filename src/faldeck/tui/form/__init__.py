"""The form of a model: its state, its rows, and the pane that draws and edits them.

May import the layers below the deck, `tui.panes`, and inside functions `tui.dialogs`.
Reading order: `rows` (the rows as data), `state` (values, problems, undo), `row_values` (values as text), `stepping`
(numbers by keys), `line_editor` (typing in a row), `pasting` and `type_ahead`; then the screen: `renderer` draws spans,
`row_lines` gives lines to long texts, `inputs` are the text inputs, `rows_pane` is the list, `field_commands` (with
`external_editor`) and `request_commands` do what keys ask, `opening` shows a form, `pane` joins them, `messages` are
what it reports.

Tests: tests/tui/form/
"""
