"""What the bytes of images, audio and video say besides what they show. Pure: the caller reads and writes the bytes.

`formats` reads pixels, seconds and frames; `limits` checks them against what the service allows; `inner_text` adds a
text to a picture, and finds it again.

Tests: tests/schema/test_media.py, test_inner_text.py
"""

from faldeck.schema.media.formats import HEAD_BYTES, MediaFacts, Read, facts

__all__ = ["HEAD_BYTES", "MediaFacts", "Read", "facts"]
