"""The form of a model: its state, its rows, and the pane that shows and edits them.

Tests: tests/tui/form/
"""
