"""Paints images and makes sounds, and writes them as PNG, GIF, SVG, WAV and GLB. Uses the standard library alone.

The same input gives the same bytes. Read in this order: `scene` composes a picture, `canvas` paints it column by column
with the outlines of `ridges` and the colours of `palette`, `raster` writes the file.
"""
