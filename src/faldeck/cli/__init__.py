"""The commands, for scripts and shells: data on stdout, everything else on stderr, and an exit status.

Imports `app` and what is below it, and `rich.cells`; never `tui`. Nothing heavy is imported before it is needed, so
that `--version`, `--help` and completion start fast.

Read in this order: `main` (parses the command line and prints errors), `command_table` (all commands), `commands/` (one
module for each), `context` (the flags before a command's name, and the session it uses). Then what commands share:
    jobs        `select` (finds them), `many_jobs`, `follow` (waits), `job_updates`, `asking` (before money or deletion)
    requests    `run_requests` (of a `run` line), `request_arguments`, `field_help`, `flags`, `input_files`,
                `batch_runner`
    output      `output`, `job_output`, `progress`, `json_schemas` (what `--json` prints)
    shells      `completion`, `old_flags`

Tests: tests/cli/
"""
