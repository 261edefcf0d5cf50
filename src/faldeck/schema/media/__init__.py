"""Reads pixels, seconds and frames from the first bytes of images, audio and video. Pure: the caller reads the bytes.

`formats` reads them; `limits` checks them against what the service allows.

Tests: tests/schema/test_media.py
"""

from faldeck.schema.media.formats import HEAD_BYTES, MediaFacts, Read, facts

__all__ = ["HEAD_BYTES", "MediaFacts", "Read", "facts"]
