"""What comes from outside is made safe: text, secrets, private files, and which hosts are ours.

Imports the standard library alone.

Tests: tests/safety/
"""
