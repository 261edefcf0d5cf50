"""The terminal: what it sends (`input_reader`), and the driver that sends it only the cells that changed.

Tests: tests/tui/terminal/
"""
