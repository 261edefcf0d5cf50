"""A landscape one can turn around: terrain as a GLB file (binary glTF)."""

import json
import math
import random
import struct

_SIDE = 49
"""Points along each side of the terrain."""


def terrain(prompt: str, seed: int, roughness: float) -> bytes:
    """Hills from some waves of the seed's choice, coloured by height."""
    dice = random.Random(f"{prompt}/{seed}")
    waves = [
        (dice.uniform(2, 9), dice.uniform(2, 9), dice.uniform(0, math.tau), dice.uniform(0.02, 0.12) * roughness)
        for _ in range(7)
    ]
    points, colours = [], []
    for row in range(_SIDE):
        for column in range(_SIDE):
            x, z = column / (_SIDE - 1) - 0.5, row / (_SIDE - 1) - 0.5
            y = sum(size * math.sin(a * x + b * z + phase) for a, b, phase, size in waves)
            points.append((x, y, z))
            colours.append((0.35 + y, 0.55 + 0.5 * y, 0.4, 1.0))
    return _glb(points, colours, _triangles())


def _triangles() -> list[int]:
    indices = []
    for row in range(_SIDE - 1):
        for column in range(_SIDE - 1):
            corner = row * _SIDE + column
            indices += [corner, corner + _SIDE, corner + 1, corner + 1, corner + _SIDE, corner + _SIDE + 1]
    return indices


def _glb(
    points: list[tuple[float, float, float]], colours: list[tuple[float, float, float, float]], indices: list[int]
) -> bytes:
    arrays = (
        (struct.pack(f"<{3 * len(points)}f", *(part for point in points for part in point)), 5126, "VEC3"),
        (struct.pack(f"<{4 * len(colours)}f", *(part for colour in colours for part in colour)), 5126, "VEC4"),
        (struct.pack(f"<{len(indices)}H", *indices), 5123, "SCALAR"),
    )
    counts = (len(points), len(colours), len(indices))
    views, accessors, at = [], [], 0
    for number, ((data, kind, shape), count) in enumerate(zip(arrays, counts, strict=True)):
        views.append({"buffer": 0, "byteOffset": at, "byteLength": len(data)})
        accessors.append({"bufferView": number, "componentType": kind, "count": count, "type": shape})
        at += len(data)
    accessors[0] |= {"min": [min(axis) for axis in zip(*points, strict=True)]}
    accessors[0] |= {"max": [max(axis) for axis in zip(*points, strict=True)]}
    primitive = {"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2}
    scene = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "buffers": [{"byteLength": at}],
        "bufferViews": views,
        "accessors": accessors,
    }
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(data for data, _, _ in arrays)
    body += b"\0" * (-len(body) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks
