"""Compressed bodies, undone piece by piece: a few bytes may stand for gigabytes. Pure."""

import zlib
from collections.abc import Iterator

CODINGS = ("gzip", "deflate")
"""What is asked for: what can be undone a piece at a time, in one layer."""

PIECE_BYTES = 2**18

_ANY_HEADER = zlib.MAX_WBITS | 32
_NO_HEADER = -zlib.MAX_WBITS


class Undecodable(ValueError):
    """A body is not what its Content-Encoding says, or is in a coding that nobody asked for."""


class Inflate:
    """Undoes the content coding of one body."""

    def __init__(self, coding: str) -> None:
        """`coding` is the Content-Encoding; raises `Undecodable`."""
        self._coding = coding.strip().lower()
        if self._coding not in ("", "identity", *CODINGS):
            raise Undecodable(self._coding)
        self._stream = zlib.decompressobj(_ANY_HEADER)
        self._has_begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` stands for, in pieces of at most `PIECE_BYTES` where it is compressed; raises `Undecodable`."""
        if self._coding not in CODINGS:
            yield data
            return
        while data:
            if self._stream.eof:
                raise Undecodable("bytes come after the end")
            piece = self._piece(data)
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece

    def _piece(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._has_begun or self._coding != "deflate":
                raise Undecodable(str(error)) from error
            # Some servers leave out the header that the standard wants.
            self._stream = zlib.decompressobj(_NO_HEADER)
            self._has_begun = True
            return self._piece(data)
        self._has_begun = True
        return piece
