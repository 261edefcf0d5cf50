"""The models that the emulator offers, one module for each sort.

A new model is an `EmulatedModel` in one of these: `images`, `edits` (of an image), `videos`, `sounds`, `words` (texts),
`meshes`, `training`, `workflows`, `every` (one model with a field of every kind), `mishaps` (one model that fails as it
is asked to). `pictures` has what those share that take or make a picture.
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
