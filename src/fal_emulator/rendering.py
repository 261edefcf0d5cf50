"""Runs a model on one request: the order it gets, the files it makes, the answer that is stored."""

import hashlib
import json
from typing import Any

from fal_emulator import files
from fal_emulator.answers import Refusal, Reply
from fal_emulator.fields import components_of
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest
from fal_emulator.state import EmulatorState, Ticket
from fal_emulator.validation import prepared


def order(model: EmulatedModel, ticket: Ticket, state: EmulatorState) -> ModelRequest:
    """The request as its model sees it. Its input must be valid."""
    arguments = prepared(ticket.arguments, model.inputs, components_of(model))
    seed = arguments.get("seed")
    return ModelRequest(
        arguments,
        seed if isinstance(seed, int) else _seed_of(ticket.arguments),
        lambda url: files.fetched(url, state),
        ticket.plan.running,
    )


def render(model: EmulatedModel, ticket: Ticket, state: EmulatorState, expires_at: float | None) -> Reply:
    """The answer to a valid request. Its files are written by the way; the same request writes the same ones."""
    job = order(model, ticket, state)
    try:
        output = model.render(job)
    except Refusal as refusal:
        return refusal.answer
    units = model.units(job, output)
    count = 0

    def keep(media: MadeFile) -> dict[str, Any]:
        nonlocal count
        name = f"{ticket.request_id}-{count}.{media.extension}"
        count += 1
        if job.arguments.get("sync_mode") is True:
            return files.file_object(media, files.data_uri(media), None)
        path = files.address(ticket.request_id, name)
        state.add_file(path, media.content_type, media.data, expires_at)
        return files.file_object(media, files.MARK + path, path.rsplit("/", 1)[-1])

    return Reply(200, files.stored(output, keep), {"x-fal-billable-units": f"{units:g}"})


def _seed_of(arguments: Any) -> int:
    text = json.dumps(arguments, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
