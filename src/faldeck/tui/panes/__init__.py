"""The panes of the deck: models, jobs, result. Each draws itself line by line and tells the screen what happened.

A pane imports no other pane and not the deck; it posts a `PaneMessage`.
Reading order: `pane` (title, body, list with a cursor), `lines` (text in cells), `models`, `jobs` with `job_row` and
`job_window`, `job_actions` (keys of one job), `result` with `result_pages`, `page_text`, `page_view`, `picture_slot`,
`search_line`, `bars`.

Tests: tests/tui/panes/
"""
