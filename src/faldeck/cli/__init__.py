"""The commands, for scripts and shells: data on stdout, everything else on stderr, and an exit status.

Imports `app` and what is below it, and `rich.cells`; never `tui`. Nothing heavy is imported before it is needed, so
that `--version`, `--help` and completion start fast.

Read in this order: `main` (parses the command line and prints errors), `command` (the table of all commands),
`commands/` (one module for each), `context` (the flags before a command's name, and the session it uses), `select`
(finds jobs), `follow` (waits for jobs), `job_output` (prints a job), `json_schemas` (what `--json` prints).

Tests: tests/cli/
"""
