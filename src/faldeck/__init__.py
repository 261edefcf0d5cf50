"""faldeck is a deck for fal.ai in the terminal: find a model, fill in its form, submit, keep every result."""

__version__ = "0.1.0"
