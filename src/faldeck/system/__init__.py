"""The machine we run on: paths, log file, signals, the desktop's opener and clipboard.

Imports the standard library, platformdirs and `safety`.

Tests: tests/system/
"""
