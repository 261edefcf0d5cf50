"""The models on the shelf, one small module for each kind."""

from fal_emulator.model import EmulatedModel
from fal_emulator.models import edits, every, images, meshes, mishaps, sounds, training, videos, words, workflows

CATALOGUE: tuple[EmulatedModel, ...] = (
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
