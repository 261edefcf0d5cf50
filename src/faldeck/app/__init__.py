"""Every use case once, for both faces: what the deck and the commands do, without a screen and without argparse.

May import everything below it (`engine` and down); never argparse, textual, `cli` or `tui`.
Reading order: `session` (what both faces work with), `catalogue` (models, schemas and prices on disk), `requests` (from
a model to a request), `file_arguments`, `send_options`, `pricing`, `job_actions` (what can be done with a job),
`job_documents` (values of a result, differing arguments), `sharing` (URLs, files, QR codes), `wording` (words for
states, times and money), then `batch`, `presets`, `addresses`, `paste/` (requests of other programs), `export_code`,
`doctor`, `demo`, `errors`.

Tests: tests/app/
"""
