"""What A1111 and ComfyUI write into a PNG is read, as far as it can be."""

import json
import zlib
from pathlib import Path

import pytest

from faldeck.app import png_settings


def png(path: Path, *texts: tuple[bytes, bytes, bytes]) -> Path:
    """A PNG with these chunks: kind, keyword, the rest."""
    parts = [(b"IHDR", bytes(13)), *((kind, keyword + b"\0" + rest) for kind, keyword, rest in texts), (b"IDAT", b"")]
    data = b"".join(len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4) for kind, body in parts)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


A1111 = "a fox,\nin snow\nNegative prompt: blur, text\nSteps: 20, Sampler: Euler a, Seed: 42, Size: 512x768"
ALL = {
    "prompt": "a fox,\nin snow",
    "negative_prompt": "blur, text",
    "seed": 42,
    "num_inference_steps": 20,
    "width": 512,
    "height": 768,
    "image_size": {"width": 512, "height": 768},
}


@pytest.mark.parametrize(("kind", "before"), [(b"tEXt", b""), (b"iTXt", b"\0\0en\0\0")])
def test_the_text_of_a1111_is_read(kind: bytes, before: bytes, tmp_path: Path) -> None:
    assert png_settings.read(png(tmp_path / "a.png", (kind, b"parameters", before + A1111.encode()))) == ALL


def test_the_graph_of_comfyui_is_read(tmp_path: Path) -> None:
    graph = {
        "3": {
            "class_type": "KSampler",
            "inputs": {"seed": 42, "steps": 20, "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]},
        },
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox,\nin snow"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blur, text"}},
    }
    assert png_settings.read(png(tmp_path / "a.png", (b"tEXt", b"prompt", json.dumps(graph).encode()))) == ALL


def test_a_graph_with_the_prompt_some_nodes_away_is_read_as_well(tmp_path: Path) -> None:
    """As ComfyUI's own example for FLUX has it: noise, guidance and steps are nodes, and so may the text be."""
    graph = {
        "6": {"inputs": {"text": ["40", 0], "clip": ["11", 0]}},
        "13": {
            "inputs": {
                "noise": ["25", 0],
                "guider": ["22", 0],
                "sampler": ["16", 0],
                "sigmas": ["17", 0],
                "latent_image": ["27", 0],
            }
        },
        "17": {"inputs": {"scheduler": "simple", "steps": 20, "denoise": 1}},
        "22": {"inputs": {"model": ["12", 0], "conditioning": ["26", 0]}},
        "25": {"inputs": {"noise_seed": 42}},
        "26": {"inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
        "27": {"inputs": {"width": 512, "height": 768, "batch_size": 1}},
        "40": {"inputs": {"value": "a fox,\nin snow"}},
    }
    found = png_settings.read(png(tmp_path / "a.png", (b"tEXt", b"prompt", json.dumps(graph).encode())))
    assert found == {name: value for name, value in ALL.items() if name != "negative_prompt"}


def test_a_graph_that_goes_round_in_a_circle_ends(tmp_path: Path) -> None:
    graph = {
        "3": {"inputs": {"seed": 1, "positive": ["4", 0], "latent_image": ["3", 0]}},
        "4": {"inputs": {"conditioning": ["4", 0], "text": ["4", 0]}},
    }
    assert png_settings.read(png(tmp_path / "a.png", (b"tEXt", b"prompt", json.dumps(graph).encode()))) == {"seed": 1}


@pytest.mark.parametrize("text", [b"[1, 2", b"[]", b'{"3": {"inputs": {"seed": 1, "positive": 7}}, "4": 5}'])
def test_what_is_no_graph_tells_nothing_more(text: bytes, tmp_path: Path) -> None:
    assert png_settings.read(png(tmp_path / "a.png", (b"tEXt", b"prompt", text))) in ({}, {"seed": 1})


def test_a_file_that_is_no_png_or_is_cut_off_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\xff\xfftEXtpara")
    assert png_settings.read(tmp_path / "a.png") == png_settings.read(tmp_path / "b.png") == {}
