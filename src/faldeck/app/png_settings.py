"""The settings that other programs write into a PNG: A1111 and its kin as text, ComfyUI as a graph in JSON."""

from __future__ import annotations

import os
import re
from pathlib import Path

from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.schema.media import inner_text

_LINE = re.compile(r"Steps: \d+, .*")
_SETTING = re.compile(r"\s*([A-Z][\w ]*): ([^,]*)(?:,|$)")
_TEXTS = ("text", "text_g", "t5xxl", "value", "string")
"""The inputs of a ComfyUI node in which a text stands, or the link to the node that has it."""
_CONDITIONS = ("conditioning", "conditioning_1")
"""The inputs that lead on to the node with the text."""
_FARTHEST = 10
"""The most nodes between a sampler and its text; a graph may go round in a circle."""
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


def read(path: Path) -> dict[str, JsonValue]:
    """The arguments that a PNG's text tells, under the names that most models have; empty where it tells nothing.

    They are prompt, negative_prompt, seed, num_inference_steps, image_size, width and height (pixels).
    Raises OSError.
    """
    with path.open("rb") as file:
        texts = dict(inner_text.png_texts(inner_text.reader(file), os.fstat(file.fileno()).st_size))
    if "parameters" in texts:
        return _of_parameters(texts["parameters"])
    try:
        return _of_graph(json_value.read(texts.get("prompt", "null")))
    except InvalidValue:
        return {}


def _of_parameters(text: str) -> dict[str, JsonValue]:
    """A1111: the prompt, a line that begins with `Negative prompt:`, and a last line `Steps: 20, Seed: 7, …`."""
    lines = text.strip().splitlines()
    last = lines.pop() if lines and _LINE.fullmatch(lines[-1]) else ""
    prompt, _, negative = "\n".join(lines).partition("Negative prompt:")
    settings = dict(_SETTING.findall(last))
    size = _SIZE.fullmatch(settings.get("Size", "").strip())
    sides = (int(size[1]), int(size[2])) if size else (None, None)
    numbers = (settings.get(name, "").strip() for name in ("Seed", "Steps"))
    seed, steps = (int(number) if number.isdecimal() and len(number) < 20 else None for number in numbers)
    return _arguments(prompt.strip(), negative.strip(), seed, steps, *sides)


def _of_graph(graph: JsonValue) -> dict[str, JsonValue]:
    """ComfyUI: the seed, the steps, the texts and the size of a sampler, its own or those of nodes that lead to it."""
    nodes = {name: node for name, node in graph.items() if isinstance(node, dict)} if isinstance(graph, dict) else {}

    def inputs(link: JsonValue) -> dict[str, JsonValue]:
        node = nodes.get(str(link[0])) if isinstance(link, list) and link else None
        found = node.get("inputs") if node else None
        return found if isinstance(found, dict) else {}

    def text(link: JsonValue, side: str) -> str:
        """The text of a node, or of the nearest one before it on the same side that has any."""
        for _ in range(_FARTHEST):
            node = inputs(link)
            values = [node[name] for name in (*_TEXTS, *_CONDITIONS, side) if node.get(name)]
            if found := next((value for value in values if isinstance(value, str)), ""):
                return found
            link = next((value for value in values if isinstance(value, list)), None)
        return ""

    for name in nodes:
        sampler = inputs([name])
        guider = inputs(sampler.get("guider"))
        seeds = sampler | inputs(sampler.get("noise"))
        if ("positive" in sampler or guider) and ("seed" in seeds or "noise_seed" in seeds):
            latent = inputs(sampler.get("latent_image"))
            return _arguments(
                text(sampler.get("positive", guider.get("positive", guider.get("conditioning"))), "positive"),
                text(sampler.get("negative", guider.get("negative")), "negative"),
                seeds.get("seed", seeds.get("noise_seed")),
                sampler.get("steps", inputs(sampler.get("sigmas")).get("steps")),
                latent.get("width"),
                latent.get("height"),
            )
    return {}


def _arguments(
    prompt: JsonValue, negative: JsonValue, seed: JsonValue, steps: JsonValue, width: JsonValue, height: JsonValue
) -> dict[str, JsonValue]:
    texts = {"prompt": prompt, "negative_prompt": negative}
    numbers = {"seed": seed, "num_inference_steps": steps, "width": width, "height": height}
    found: dict[str, JsonValue] = {name: text for name, text in texts.items() if isinstance(text, str) and text}
    found |= {name: number for name, number in numbers.items() if isinstance(number, int)}
    if "width" in found and "height" in found:
        found["image_size"] = {"width": found["width"], "height": found["height"]}
    return found
