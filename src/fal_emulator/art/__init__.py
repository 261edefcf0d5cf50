"""Paints pictures with pillow, and makes sounds. The same input gives the same bytes.

`scene` decides what a picture shows, with the outlines of `outlines`; `painting` paints it, as one picture, as the
frames of a film or as SVG. `sound` writes WAV files.
"""
