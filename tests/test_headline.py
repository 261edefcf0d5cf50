"""What a request is called in lists."""

import pytest

from faldeck.job import headline


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ({"image_url": "https://a.example/b.png", "style": "oil", "prompt": "a fox\nin snow"}, "a fox in snow"),
        ({"image_url": "https://a.example/b.png", "style": "oil"}, "oil"),
        ({"image_url": "https://a.example/files/heron.png?token=1", "scale": 2}, "heron.png"),
        ({"image_url": "data:image/png;base64,AAAA"}, "data:image/png;base64"),
        ({"image_url": "https://a.example"}, "a.example"),
        ({"scale": 2}, ""),
    ],
)
def test_a_request_is_called_by_its_prompt_its_first_text_or_its_file(arguments: dict[str, object], title: str) -> None:
    assert headline(arguments) == title
