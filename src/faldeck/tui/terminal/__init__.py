"""The terminal: a driver that sends only changed cells, a parser for input, and the order in which keys act.

Imports Textual, `safety`, `system`, `keys` and, for the notifications, `job` and `app.wording`; nothing else of ours.
Reading order: `driver`; output: `writer`, `grid`, `diff`, `strokes`, `pen`, `sgr`, `abilities`, `plain`, `colours`;
pictures: `graphics` (what the terminal can), `tmux` (the same of tmux), `bitmaps`, `placements`, `placeholders`
(pictures in tmux); input: `input_reader`, `input_messages`; keys: `key_queue`, `typing_guard`, `sequences`; outside the
screen: `notify` (jobs have ended), `title` (of the window). `textual_private` alone uses private parts of Textual.

Tests: tests/tui/terminal/
"""
