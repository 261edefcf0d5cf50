"""Safety rules that every other folder uses: for text from outside, for keys, for private files, for hosts.

Imports the standard library alone.

`sanitize` makes text harmless for terminals, logs and file names; `redact` removes keys from text; `private_file`
writes files that only their owner may read; `hosts` says where a key may be sent and which addresses are near.

Tests: tests/safety/
"""
