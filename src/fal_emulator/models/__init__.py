"""The models on the shelf, one small module for each kind."""

from fal_emulator.model import Model
from fal_emulator.models import edits, every, images, meshes, mishaps, sounds, training, videos, words, workflows

SHELF: tuple[Model, ...] = (
    *images.MODELS,
    *edits.MODELS,
    *videos.MODELS,
    *sounds.MODELS,
    *words.MODELS,
    *meshes.MODELS,
    *training.MODELS,
    *workflows.MODELS,
    *every.MODELS,
    *mishaps.MODELS,
)
"""Everything the emulator offers, in the order of its catalogue."""
