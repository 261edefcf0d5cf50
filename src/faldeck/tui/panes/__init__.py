"""The panes of the deck: models, jobs, result.

Tests: tests/tui/panes/
"""
