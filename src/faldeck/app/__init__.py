"""Every use case once, for both faces: catalogue, pricing, presets, pasted requests, batches, doctor.

Imports everything below it (`engine` and down); never argparse or textual.

Tests: tests/app/
"""
