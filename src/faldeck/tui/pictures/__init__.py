"""Pictures in the terminal: files are decoded away from the event loop and become rows of text.

Reading order: `decode` (a file, at most so large, as pixels), `blocks` (pixels as half blocks), `gallery` (what panes
ask: one decoding at a time, and a cache). Pillow is imported where the first picture is decoded, never before.

Tests: tests/tui/pictures/
"""
