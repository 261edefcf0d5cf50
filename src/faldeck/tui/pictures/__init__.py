"""Pictures in the terminal: files are decoded away from the event loop and become rows of text.

Reading order: `kinds` (what can be shown), `decode` (a file, at most so large, as pixels), `blocks` (as half blocks),
`pixels` (for terminals that draw pixels), `media` (files that are no pictures), `gallery` (what panes ask: one decoding
at a time, and a cache). Pillow is imported with the first picture, never before.

Tests: tests/tui/pictures/
"""
