"""What the deck does when a pane asks for it, as objects without a screen of their own.

Imports the session and the panes, never the deck: actions see the screen as a `Ui` (in `ui`).
Reading order: `ui`, `held_key`, `jobs` (send, run again, cancel, adopt), `job_list` (all marked jobs, sections),
`models` (list, star, note, page, web), `forms` (forms, drafts), `file_models` (models that take a file), `profiles`
(switch, leave), `outputs` (open, copy), `explaining` (why a job failed or waits), `teaching` (tour, topics of the help,
messages), `screens` (what opens over the deck), `places` (where the person was, at the next start), `themes` (the
colours), `sizes` (of the panes), `shown_job` (what is done with the job of the Result pane).

Tests: tests/tui/actions/
"""
