"""Runs a model on one request: the order it gets, the files it makes, the answer that is stored."""

import hashlib
import json
from typing import Any

from fal_emulator import files
from fal_emulator.answers import Answer, Refused
from fal_emulator.fields import components_of
from fal_emulator.model import Media, Model, Order
from fal_emulator.state import State, Ticket
from fal_emulator.validation import prepared


def order(model: Model, ticket: Ticket, state: State) -> Order:
    """The request as its model sees it. Its input must be valid."""
    arguments = prepared(ticket.arguments, model.inputs, components_of(model))
    seed = arguments.get("seed")
    return Order(
        arguments,
        seed if isinstance(seed, int) else _seed_of(ticket.arguments),
        lambda url: files.fetched(url, state),
        ticket.plan.running,
    )


def render(model: Model, ticket: Ticket, state: State, expires_at: float | None) -> Answer:
    """The answer to a valid request. Its files are written by the way; the same request writes the same ones."""
    job = order(model, ticket, state)
    try:
        output = model.render(job)
    except Refused as refusal:
        return refusal.answer
    units = model.units(job, output)
    count = 0

    def keep(media: Media) -> dict[str, Any]:
        nonlocal count
        name = f"{ticket.request_id}-{count}.{media.extension}"
        count += 1
        if job.arguments.get("sync_mode") is True:
            return files.file_object(media, files.data_uri(media), None)
        path = files.address(ticket.request_id, name)
        state.add_file(path, media.content_type, media.data, expires_at)
        return files.file_object(media, files.MARK + path, path.rsplit("/", 1)[-1])

    return Answer(200, files.stored(output, keep), {"x-fal-billable-units": f"{units:g}"})


def _seed_of(arguments: Any) -> int:
    text = json.dumps(arguments, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
