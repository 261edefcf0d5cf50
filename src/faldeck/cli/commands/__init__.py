"""The commands, one module each: `configure(parser)` adds its arguments, `run(…)` does the work.

Tests: tests/cli/
"""
