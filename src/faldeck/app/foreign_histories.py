"""The histories of other programs for fal: the sessions of genmedia, the history of Falcon. Pure, but for files.

Neither keeps the whole input of a request, so `input_known` is false: it can be read and searched, and not sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from faldeck import money
from faldeck.history.record import Record
from faldeck.job import UNKNOWN_INPUT, Body, Cost, FileState, Job, Output, State, headline, instant
from faldeck.job_ids import id_at
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue

GENMEDIA_SCHEMA = 1
"""The `schema_version` of genmedia's `~/.genmedia/gallery/sessions/ID/data.json` that is known."""

_FALCON_MODELS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "gpt": ("fal-ai/gpt-image-1.5", ()),
    "banana": ("fal-ai/nano-banana-pro", ("aspect", "resolution")),
    "gemini": ("fal-ai/gemini-25-flash-image", ("aspect",)),
    "gemini3": ("fal-ai/gemini-3-pro-image-preview", ("aspect", "resolution")),
    "flux2": ("fal-ai/flux-2", ()),
    "flux2Flash": ("fal-ai/flux-2/flash", ()),
    "flux2Turbo": ("fal-ai/flux-2/turbo", ()),
    "clarity": ("fal-ai/clarity-upscaler", ()),
    "crystal": ("clarityai/crystal-upscaler", ()),
    "rmbg": ("fal-ai/birefnet", ()),
    "bria": ("fal-ai/bria/background/remove", ()),
}
"""Falcon's name of a model → its endpoint id, and which of what Falcon noted was sent to it under another name."""

_FALCON_NAMES = {"aspect": "aspect_ratio", "resolution": "resolution"}


def is_known(document: JsonValue) -> bool:
    """Whether a document is a history of another program that can be read."""
    return _is_genmedia(document) or _is_falcon(document)


def records(document: JsonValue, profile: str) -> Iterator[Record | str]:
    """Yields the jobs in a history of another program, as jobs of `profile`; a text says why an entry is none."""
    read = _genmedia_run if _is_genmedia(document) else _falcon_generation
    for entry in _entries(document):
        try:
            if not isinstance(entry, dict):
                raise ValueError("it is not a JSON object")
            yield read(entry, profile)
        except (ValueError, OverflowError) as error:
            yield str(error)


def _entries(document: JsonValue) -> list[JsonValue]:
    if not is_known(document) or not isinstance(document, dict):
        return []
    entries = document.get("runs", document.get("generations"))
    return entries if isinstance(entries, list) else []


def _is_genmedia(document: JsonValue) -> bool:
    return (
        isinstance(document, dict)
        and document.get("schema_version") == GENMEDIA_SCHEMA
        and isinstance(document.get("session_id"), str)
        and isinstance(document.get("runs"), list)
    )


def _is_falcon(document: JsonValue) -> bool:
    return isinstance(document, dict) and isinstance(document.get("generations"), list) and "totalCost" in document


def _genmedia_run(run: dict[str, JsonValue], profile: str) -> Record:
    """`{ts, request_id, endpoint_id, modality, prompt, duration_ms, files: [{path, url, size_bytes, json_path}]}`.

    `ts` is when the run was noted, in milliseconds since 1970: at its end.
    """
    at = _number(run, "ts")
    if at is None:
        raise ValueError("its ts is missing or no number")
    completed_at = instant(datetime.fromtimestamp(at / 1000, UTC).isoformat())
    created_at = completed_at - timedelta(milliseconds=min(max(_number(run, "duration_ms") or 0, 0), 1e9))
    request_id, prompt = _text(run, "request_id"), run.get("prompt")
    arguments: dict[str, JsonValue] = {"prompt": prompt} if isinstance(prompt, str) else {}
    files = run.get("files")
    outputs = [_genmedia_file(file) for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    job = Job(
        id=id_at(round(created_at.timestamp() * 1000), request_id),
        profile=profile,
        endpoint_id=_text(run, "endpoint_id"),
        state=State.COMPLETED,
        created_at=created_at,
        submitted_at=created_at,
        completed_at=completed_at,
        title=headline(arguments) or UNKNOWN_INPUT,
        input_known=False,
        request_id=request_id,
        outputs=tuple(outputs),
    )
    return Record(job, Body(arguments))


def _genmedia_file(file: dict[str, JsonValue]) -> Output:
    url, size = file.get("url"), _number(file, "size_bytes")
    at = file.get("json_path")
    output = Output(
        at=sanitize.clean_line(at) if isinstance(at, str) else "",
        url=url if isinstance(url, str) else None,
        size_bytes=None if size is None else int(size),
    )
    return _with_file(output, file.get("path"))


def _falcon_generation(entry: dict[str, JsonValue], profile: str) -> Record:
    """`{id, prompt, model, aspect, resolution, output, cost, timestamp, seed?}`; no request id, and no duration."""
    created_at = instant(_text(entry, "timestamp"))
    name = _text(entry, "model")
    endpoint_id, sent = _FALCON_MODELS.get(name, (name, ()))
    if "/" not in endpoint_id:
        raise ValueError(f"the model {sanitize.clean_line(name)!r} of Falcon is not known")
    arguments: dict[str, JsonValue] = {"prompt": str(entry.get("prompt") or "")}
    arguments |= {_FALCON_NAMES[key]: entry[key] for key in sent if isinstance(entry.get(key), str)}
    arguments |= {"seed": entry["seed"]} if isinstance(entry.get("seed"), int) else {}
    cost = money.decimal_of(entry.get("cost"))
    job = Job(
        id=id_at(round(created_at.timestamp() * 1000), f"falcon {_text(entry, 'id')}"),
        profile=profile,
        endpoint_id=endpoint_id,
        state=State.COMPLETED,
        created_at=created_at,
        title=headline(arguments) or UNKNOWN_INPUT,
        input_known=False,
        outputs=(_with_file(Output(at="images[0]", url=None), entry.get("output")),),
        cost=None if cost is None or cost < Decimal(0) else Cost(total_usd=cost, is_estimate=True),
    )
    return Record(job, Body(arguments))


def _with_file(output: Output, path: JsonValue) -> Output:
    """The output with its file, if that is on this machine."""
    here = Path(path) if isinstance(path, str) and path and "\0" not in path else None
    if here is None:
        return output
    output = output._replace(file_name=sanitize.clean_line(here.name))
    return output._replace(path=str(here), state=FileState.SAVED) if here.is_file() else output


def _text(entry: Mapping[str, JsonValue], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"its {name} is missing or no text")
    return sanitize.clean_line(value)


def _number(entry: Mapping[str, JsonValue], name: str) -> float | None:
    value = entry.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if is_number else None  # type: ignore[arg-type]
