"""The models on the shelf, one small module for each kind."""

from faldeck.emulator.model import Model
from faldeck.emulator.models import images

SHELF: tuple[Model, ...] = (*images.MODELS,)
