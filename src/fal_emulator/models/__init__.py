"""The models that the emulator offers, one module for each kind.

A new model is an `EmulatedModel` in one of these modules.
"""

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
