"""What the deck does when a pane asks for it.

Tests: tests/tui/panes/
"""
