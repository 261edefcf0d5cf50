"""Small dialogs over the deck.

Tests: tests/tui/dialogs/
"""
