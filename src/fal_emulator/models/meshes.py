"""Text to 3D: a piece of land as a GLB file (binary glTF)."""

import json
import math
import random
import struct
from collections.abc import Sequence

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said

_SIDE = 49
"""Points along each side of the land."""


def _make(request: ModelRequest) -> JsonObject:
    data = _terrain(request.arguments["prompt"], request.seed, request.arguments["roughness"])
    return {"model_mesh": MadeFile(data, "model/gltf-binary", "glb"), "seed": request.seed}


def _terrain(prompt: str, seed: int, roughness: float) -> bytes:
    """Hills from seven waves that the seed chooses, coloured by height."""
    dice = random.Random(f"{prompt}/{seed}")
    waves = [
        (dice.uniform(2, 9), dice.uniform(2, 9), dice.uniform(0, math.tau), dice.uniform(0.02, 0.12) * roughness)
        for _ in range(7)
    ]
    points, colours = [], []
    for n in range(_SIDE * _SIDE):
        x, z = n % _SIDE / (_SIDE - 1) - 0.5, n // _SIDE / (_SIDE - 1) - 0.5
        y = sum(size * math.sin(a * x + b * z + phase) for a, b, phase, size in waves)
        points.append((x, y, z))
        colours.append((0.35 + y, 0.55 + 0.5 * y, 0.4, 1.0))
    corners = [row * _SIDE + column for row in range(_SIDE - 1) for column in range(_SIDE - 1)]
    return _glb(points, colours, [corner + step for corner in corners for step in (0, _SIDE, 1, 1, _SIDE, _SIDE + 1)])


def _glb(points: Sequence[Sequence[float]], colours: Sequence[Sequence[float]], indices: Sequence[int]) -> bytes:
    arrays = [
        (struct.pack(f"<{3 * len(points)}f", *(part for point in points for part in point)), 5126, "VEC3", len(points)),
        (struct.pack(f"<{4 * len(colours)}f", *(part for one in colours for part in one)), 5126, "VEC4", len(colours)),
        (struct.pack(f"<{len(indices)}H", *indices), 5123, "SCALAR", len(indices)),
    ]
    views, accessors, body = [], [], b""
    for number, (data, kind, shape, count) in enumerate(arrays):
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(data)})
        accessors.append({"bufferView": number, "componentType": kind, "count": count, "type": shape})
        body += data
    axes = list(zip(*points, strict=True))
    accessors[0] |= {"min": [min(axis) for axis in axes], "max": [max(axis) for axis in axes]}
    scene = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2}]}],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    body += b"\0" * (-len(body) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


MODELS = (
    EmulatedModel(
        endpoint_id="demo/terra/text-to-3d",
        name="Terra",
        category="text-to-3d",
        description="A piece of land in three dimensions, as binary glTF.",
        inputs=(
            fields.text("prompt", "What land to make.", required=True, example="Rolling hills"),
            fields.number("roughness", "How rough it is.", default=1, minimum=0, maximum=2),
            fields.choice("texture", "What it is covered with.", ("none", "height"), default="height"),
            fields.seed(),
        ),
        outputs=(fields.made("model_mesh", "File", "The terrain."), fields.SEED_USED),
        render=_make,
        pace=ModelTiming(3, 14, ahead=2, script=said((0.05, "Raising hills"), (0.5, "Weathering"), (0.9, "Exporting"))),
        price=UnitPrice(0.1, "generations"),
        tags=("terrain", "3d"),
        published="2026-04-29",
    ),
)
