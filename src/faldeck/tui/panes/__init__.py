"""The panes: each draws itself line by line and tells the screen what happened.

A pane imports no other pane and not the deck; it posts a `PaneMessage`.
Read `pane` (title, body, list with a cursor) and `lines` (text in cells) first. Then the panes, with their parts:
    models      `models`, `model_row` (one line)
    jobs        `jobs`, `job_list_state` (section, filter, order, marks), `section_tabs`, `filter_line`, `job_reader`
                (reads the history), `job_window` (the jobs in memory), `job_row` (one line), `progress_bar`, `job_keys`
    result      `result`, `result_pages`, `page_text`, `page_view`, `picture_slot`
    screens     `model_page`, `stats` with `charts`, `compare` with `compare_page`, `contact_sheet`, `qr`
    shared      `position`, `moves`, `jumping` (letters and clicks), `search_line`, `header_footer`, `welcome`,
                `debounce` (waits until the cursor stops), `kept_lines`

Tests: tests/tui/panes/
"""
