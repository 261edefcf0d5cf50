"""Pictures, sounds and their file formats, made from the standard library alone."""
