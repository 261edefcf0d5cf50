"""A saved picture whose bytes are something else is said; what fits, or is unknown, is not."""

from pathlib import Path

import pytest

from faldeck.engine.output_files import other_content

PNG, MP4, ZIP = b"\x89PNG\r\n\x1a\n", b"\0\0\0 ftypisom", b"PK\x03\x04"


@pytest.mark.parametrize(
    ("declared", "head", "found"),
    [
        ("image/png", MP4, "a picture, but its bytes are video/mp4."),
        ("video/mp4", PNG, "a video, but its bytes are image/png."),
        ("audio/wav", ZIP, "a sound, but its bytes are application/zip."),
        ("image/jpeg", PNG, None),
        ("audio/mp4", MP4, None),
        ("image/png", b"who knows", None),
        ("application/zip", PNG, None),
        ("image/svg+xml", ZIP, None),
    ],
)
def test_only_a_known_other_kind_is_said(declared: str, head: bytes, found: str | None, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(head)
    said = other_content(declared, tmp_path / "file")
    assert said == (found and f"The service calls this file {found}")
