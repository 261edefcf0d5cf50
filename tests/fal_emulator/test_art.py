"""What the models make: real files, the same for the same input."""

import base64
import io
import wave
from collections.abc import Iterator

import pytest
from PIL import Image
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

from fal_emulator.art import sound
from fal_emulator.art.painting import film, gif, paint, png, svg
from fal_emulator.models.edits import GRADES


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of the shared emulator."""
    with Caller(emulator) as caller:
        yield caller


def opened(data: bytes) -> Image.Image:
    """The picture in a file, as another program reads it."""
    return Image.open(io.BytesIO(data))


def pixels(data: bytes) -> bytes:
    """The colours of a picture file."""
    return opened(data).convert("RGB").tobytes()


def images(caller: Caller, **arguments: object) -> list[bytes]:
    """The files of one request for pictures."""
    answer = caller.finish("demo/sketch/fast", LAKE | arguments).json()
    return [caller.http.get(image["url"]).content for image in answer["images"]]


def test_the_same_input_makes_the_same_bytes(caller: Caller) -> None:
    assert images(caller) == images(caller)
    assert images(caller, seed=7) == images(caller, seed=7)


def test_another_seed_makes_another_picture(caller: Caller) -> None:
    first, second = images(caller, seed=7, num_images=2)

    assert len({first, second, *images(caller, seed=9)}) == 3


def test_a_picture_has_the_size_asked_for(caller: Caller) -> None:
    [image] = images(caller, image_size="portrait_16_9")

    assert opened(image).size == (576, 1024)


def test_a_picture_too_large_to_paint_quickly_keeps_its_shape(caller: Caller) -> None:
    [image] = images(caller, image_size={"width": 14142, "height": 7071})

    assert opened(image).size == (2048, 1024)


def test_sync_mode_puts_the_file_into_the_result(caller: Caller) -> None:
    url = caller.finish("demo/sketch/fast", LAKE | {"sync_mode": True}).json()["images"][0]["url"]

    assert url.startswith("data:image/png;base64,")
    assert caller.finish("demo/clarity/upscale", {"image_url": url}).json()["image"]["width"] == 128


def test_an_upscaled_picture_is_the_given_one_enlarged(caller: Caller) -> None:
    submitted = caller.finish("demo/sketch/fast", LAKE).json()["images"][0]["url"]

    result = caller.finish("demo/clarity/upscale", {"image_url": submitted, "upscale_factor": 3}).json()

    given, made = caller.http.get(submitted).content, caller.http.get(result["image"]["url"]).content
    enlarged = opened(given).convert("RGB").resize((192, 144), Image.Resampling.LANCZOS)
    assert pixels(made) == enlarged.tobytes()
    assert set(result) == {"image", "seed", "timings", "caption"}
    assert set(result["image"]) == {"url", "content_type", "file_name", "file_size", "width", "height"}


def test_an_edit_keeps_the_picture_and_changes_its_colours(caller: Caller) -> None:
    url = caller.finish("demo/sketch/fast", LAKE).json()["images"][0]["url"]
    wish = {"image_url": url, "prompt": "black and white", "strength": 1}

    edited = caller.finish("demo/sketch/edit", wish).json()["images"][0]["url"]

    grey = opened(caller.http.get(edited).content).convert("RGB")
    assert all(red == green == blue for _, (red, green, blue) in grey.getcolors(1 << 16) or [])  # type: ignore[misc]
    assert len(set(grey.tobytes())) > 8


def test_a_file_of_somebody_else_is_edited_by_its_hash(caller: Caller) -> None:
    def edited(url: str) -> bytes:
        wish = {"image_url": url, "prompt": "night"}
        return caller.http.get(caller.finish("demo/sketch/edit", wish).json()["images"][0]["url"]).content

    first, again, other = (edited(f"https://example.org/{name}.jpg") for name in ("a", "a", "b"))
    assert first == again != other


def test_a_cut_out_picture_is_clear_where_its_sky_was(caller: Caller) -> None:
    url = caller.finish("demo/sketch/fast", LAKE | {"prompt": "mountains"}).json()["images"][0]["url"]

    image = caller.finish("demo/cutout/remove-background", {"image_url": url}).json()["image"]["url"]

    low, high = opened(caller.http.get(image).content).convert("RGBA").getchannel("A").getextrema()
    assert (low, high) == (0, 255)


def test_what_was_spoken_is_written_down_again(caller: Caller) -> None:
    text = "Good morning, Zürich."
    audio = caller.finish("demo/voice/text-to-speech", {"text": text}).json()["audio"]

    heard = caller.finish("demo/ear/speech-to-text", {"audio_url": audio["url"]}).json()

    assert heard["text"] == text
    with wave.open(io.BytesIO(caller.http.get(audio["url"]).content)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(audio["duration"], abs=0.001)


def test_something_that_is_no_sound_is_not_supported(caller: Caller) -> None:
    answer = caller.finish("demo/ear/speech-to-text", {"audio_url": "data:,hello"})

    assert answer.json()["detail"][0]["type"] == "unsupported_audio_format"


@pytest.mark.parametrize("prompt", ["mountain", "sea", "forest", "city night", "dune", "planet", "field", "silk"])
def test_every_place_is_painted_the_same_each_time_and_read_by_other_programs(prompt: str) -> None:
    picture = paint(prompt, 1, 96, 64)

    assert png(picture) == png(paint(prompt, 1, 96, 64))
    assert pixels(png(picture)) == picture.tobytes()
    assert len(set(pixels(png(picture)))) > 30
    assert svg(prompt, 1, 96, 64).startswith("<svg ")


def test_a_film_has_its_frames_and_its_length() -> None:
    frames = film("ocean waves at sunset", 3, 96, 54, 6)

    file = opened(gif(frames, 3))

    assert getattr(file, "n_frames", 1) == 6
    assert file.info["duration"] == 500
    assert len({frame.tobytes() for frame in frames}) == 6
    assert gif(frames, 3) == gif(film("ocean waves at sunset", 3, 96, 54, 6), 3)


@pytest.mark.parametrize("text", ["", "a", "ab", "Zürich ist schön", "x" * 200])
def test_a_remark_of_any_length_is_read_back(text: str) -> None:
    assert sound.remark(sound.spoken(text, 200, 1)) == text


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_a_picture_of_any_kind_is_the_one_that_is_edited(caller: Caller, kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (80, 40), (20, 200, 20)).save(file, kind)
    url = f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"

    result = caller.finish("demo/clarity/upscale", {"image_url": url}).json()

    assert (result["image"]["width"], result["image"]["height"]) == (160, 80)
    assert "green" in result["caption"]


@pytest.mark.parametrize("size", [20, 40, 80])
def test_a_file_that_is_no_whole_picture_is_replaced_by_a_painting(caller: Caller, size: int) -> None:
    data = base64.b64encode(png(paint("sea", 1, 16, 16))[:size]).decode()

    result = caller.finish("demo/clarity/upscale", {"image_url": f"data:image/png;base64,{data}"}).json()

    assert (result["image"]["width"], result["image"]["height"]) == (2048, 1536)


def test_every_grade_changes_the_colours_and_keeps_the_size() -> None:
    picture = paint("field", 1, 48, 32)

    for grade in GRADES.values():
        graded = grade(picture)
        assert (graded.mode, graded.size) == ("RGB", (48, 32))
        assert graded.tobytes() != picture.tobytes()
