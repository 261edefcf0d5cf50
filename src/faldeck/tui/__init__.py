"""The deck: everything that draws on the whole screen. The only package that imports Textual; it never imports `cli`.

Reading order: `app` (how the deck starts and ends), `deck` (the screen: panes, keys, who answers which message),
`workers` (what runs in the background), `arrangement` (where the panes stand), `key_reading` (sequences and counts),
`bindings` and `commands` (keys, help and palette, made from the table in `faldeck.keys`), `actions/` (what is done),
`panes/` (what is drawn), `form/` (the input of a model), `dialogs/` (screens over the deck), `pictures/` (files as
pictures), `theme`, `palettes`, `state_looks` and `app.tcss` (colours and layout), `terminal/` (what is sent to and read
from the terminal).
No file imports one that imports it, not even for its types.

Tests: tests/tui/
"""
