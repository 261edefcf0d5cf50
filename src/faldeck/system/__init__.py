"""The machine we run on: paths, log file, signals, the desktop's opener and clipboard.

Imports the standard library, platformdirs and `safety`.

`paths` names our folders; `log_file` writes the log; `signals` makes every ending look like Ctrl-C; `desktop` opens
files and copies text.

Tests: tests/system/
"""
