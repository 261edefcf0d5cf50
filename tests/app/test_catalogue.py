"""What a profile offers: the public catalogue, one of its own, or a list in the config."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from faldeck.app.catalogue import Catalogue
from faldeck.config.settings import OFFICIAL, RELAY, Config, Profile
from faldeck.engine.gateways import Gateways
from faldeck.fal import errors
from faldeck.fal.values import Model, Price
from faldeck.system import paths

KONTEXT = "fal-ai/flux-pro/kontext/text-to-image"
UNI = replace(RELAY, name="uni", queue_url="https://relay.example/fal-ai")
Asked = list[tuple[str, str | None]]


@pytest.fixture
def asked() -> Asked:
    """URL and Authorization of everything that was asked of the public catalogue."""
    return []


@pytest.fixture
async def catalogue_of(asked: Asked) -> AsyncIterator[Callable[[Profile], Catalogue]]:
    """The catalogue of a profile, whose network is a public catalogue of two models."""
    opened: list[Gateways] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers.get("authorization")))
        if request.url.path.endswith("/models"):
            names = {KONTEXT: "Kontext", "bytedance/seed": "Seed"}
            models: list[Any] = [{"endpoint_id": id, "metadata": {"display_name": name}} for id, name in names.items()]
            return httpx.Response(200, json={"models": models, "next_cursor": None})
        is_known = request.url.params["endpoint_id"] in (KONTEXT, "bytedance/seed")
        return httpx.Response(200, json={"of": request.url.params["endpoint_id"]}) if is_known else httpx.Response(404)

    def open_catalogue(profile: Profile) -> Catalogue:
        opened.append(Gateways(Config().with_profile(profile), transport=httpx.MockTransport(answer)))
        return Catalogue(opened[-1], profile.name)

    yield open_catalogue
    for services in opened:
        await services.close()


OpenCatalogue = Callable[[Profile], Catalogue]


async def test_a_relay_shows_the_public_catalogue_and_tells_it_no_key(
    catalogue_of: OpenCatalogue, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HK_KEY", "sk-canary-canary")
    relay = replace(RELAY, name="hk", queue_url="https://relay.example", key_env="HK_KEY")
    models = await catalogue_of(relay).refresh()

    assert [model.endpoint_id for model in models] == [KONTEXT, "bytedance/seed"]
    assert asked == [("https://api.fal.ai/v1/models", None)]
    assert [model.endpoint_id for model in catalogue_of(OFFICIAL).models()] == [KONTEXT, "bytedance/seed"]


async def test_a_list_in_the_config_is_all_there_is_described_by_the_public_catalogue(
    catalogue_of: OpenCatalogue,
) -> None:
    uni = replace(UNI, models=("flux-pro/kontext/text-to-image", "bytedance/seed", "own/thing"))
    catalogue = catalogue_of(uni)
    assert [model.endpoint_id for model in catalogue.models()] == list(uni.models)

    assert await catalogue.refresh() == [
        Model("flux-pro/kontext/text-to-image", name="Kontext"),
        Model("bytedance/seed", name="Seed"),
        Model("own/thing"),
    ]


@pytest.mark.parametrize(
    ("name", "public", "asked_for"),
    [
        ("flux-pro/kontext/text-to-image", KONTEXT, [KONTEXT]),
        (KONTEXT, KONTEXT, [KONTEXT]),
        ("bytedance/seed", "bytedance/seed", ["fal-ai/bytedance/seed", "bytedance/seed"]),
    ],
)
async def test_the_schema_is_found_by_the_relays_name(
    catalogue_of: OpenCatalogue, asked: Asked, name: str, public: str, asked_for: list[str]
) -> None:
    catalogue = catalogue_of(UNI)

    assert await catalogue.schema(name) == {"of": public}
    assert catalogue.stored_schema(name) == {"of": public}
    assert [httpx.URL(url).params["endpoint_id"] for url, _ in asked] == asked_for


async def test_a_schema_that_nobody_has_is_not_found(catalogue_of: OpenCatalogue) -> None:
    with pytest.raises(errors.NotFound):
        await catalogue_of(UNI).schema("own/thing")


async def test_the_official_names_are_taken_as_they_are(catalogue_of: OpenCatalogue, asked: Asked) -> None:
    with pytest.raises(errors.NotFound):
        await catalogue_of(OFFICIAL).schema("flux-pro/kontext/text-to-image")
    assert len(asked) == 1


async def test_a_relay_without_prices_is_not_shown_those_of_another(catalogue_of: OpenCatalogue) -> None:
    folder = catalogue_of(OFFICIAL)._folder
    folder.mkdir(parents=True)
    (folder / "prices.json").write_text('[["fal-ai/flux/dev", 0.025, "megapixels", "USD"]]')

    assert catalogue_of(OFFICIAL).prices()["fal-ai/flux/dev"].unit_price == Decimal("0.025")
    assert catalogue_of(UNI).prices() == {}


async def test_a_service_with_a_catalogue_of_its_own_does_not_write_into_the_public_one(
    catalogue_of: OpenCatalogue,
) -> None:
    await catalogue_of(replace(UNI, name="lab", api_url="https://lab.example/v1")).refresh()

    assert catalogue_of(OFFICIAL).models() == []


GOOD = [KONTEXT, "Kontext", "image", "", ["a"], False, "", ""]


@pytest.mark.parametrize(
    "stored",
    [
        [GOOD, None, 7, "text", [], {}, GOOD[:7], [*GOOD, ""], [None, *GOOD[1:]], [*GOOD[:4], "ab", *GOOD[5:]]],
        [GOOD, [*GOOD[:4], [1], *GOOD[5:]], [*GOOD[:5], "no", *GOOD[6:]]],
    ],
)
def test_rows_of_models_that_have_another_shape_are_none(catalogue_of: OpenCatalogue, stored: list[object]) -> None:
    folder = paths.cache_dir() / "fal"
    folder.mkdir(parents=True)
    (folder / "models.json").write_text(json.dumps(stored))

    assert [(model.name, model.tags) for model in catalogue_of(OFFICIAL).models()] == [("Kontext", ("a",))]


@pytest.mark.parametrize("stored", ["{}", "7", '"text"', "[" * 100_000], ids=["table", "number", "text", "deep"])
def test_files_of_another_shape_hold_nothing(catalogue_of: OpenCatalogue, stored: str) -> None:
    folder = paths.cache_dir() / "fal"
    folder.mkdir(parents=True)
    for name in ("models", "prices"):
        (folder / f"{name}.json").write_text(stored)

    assert catalogue_of(OFFICIAL).models() == []
    assert catalogue_of(OFFICIAL).prices() == {}


def test_rows_of_prices_that_have_another_shape_are_none(catalogue_of: OpenCatalogue) -> None:
    folder = paths.cache_dir() / "fal"
    folder.mkdir(parents=True)
    good = [KONTEXT, 1, "images", "USD"]
    wrong: list[object] = [
        None,
        [],
        good[:3],
        [*good, 1],
        [KONTEXT, "cheap", "images", "USD"],
        [[], 0.1, "images", "USD"],
        {},
    ]
    (folder / "prices.json").write_text(json.dumps([good, *wrong]))

    assert list(catalogue_of(OFFICIAL).prices().values()) == [Price(KONTEXT, Decimal(1), "images", "USD")]


async def test_an_unlisted_id_is_a_misspelling_where_a_listed_one_is_near(catalogue_of: OpenCatalogue) -> None:
    assert catalogue_of(OFFICIAL).similar_models("bytedance/sed") == []  # Nothing is known yet.
    await catalogue_of(OFFICIAL).refresh()
    for profile in (OFFICIAL, UNI):
        misspelt = catalogue_of(profile).similar_models
        assert misspelt("bytedance/sed") == ["bytedance/seed"]
        assert misspelt("bytedance/seed") == misspelt(KONTEXT) == misspelt("bytedance/else") == []
    assert catalogue_of(UNI).similar_models("flux-pro/kontext/text-to-image") == []
    assert catalogue_of(OFFICIAL).similar_models("flux-pro/kontext/text-to-image") == [KONTEXT]


async def test_a_profile_with_a_list_of_its_own_knows_misspellings_of_that_alone(catalogue_of: OpenCatalogue) -> None:
    catalogue = catalogue_of(replace(UNI, models=("flux-pro/kontext/text-to-image", "own/thing")))
    assert catalogue.similar_models("own/thnig") == ["own/thing"]
    assert catalogue.similar_models("bytedance/sed") == catalogue.similar_models("fal-ai/own/thing") == []
    assert catalogue.similar_models("fal-ai/flux-pro/kontext/text-to-image") == []


async def test_a_full_disk_leaves_no_pieces_and_the_old_document(
    catalogue_of: OpenCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = catalogue_of(OFFICIAL)
    await catalogue.fetch_schema(KONTEXT)
    (kept,) = (paths.cache_dir() / "fal" / "schemas").iterdir()
    before = kept.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("json.dump", full)
        fetched = await catalogue.fetch_schema(KONTEXT)

    assert catalogue.stored_schema(KONTEXT) == fetched
    assert list(kept.parent.iterdir()) == [kept] and kept.read_bytes() == before


async def test_a_list_that_an_older_faldeck_stored_is_still_shown(catalogue_of: OpenCatalogue) -> None:
    catalogue = catalogue_of(OFFICIAL)
    await catalogue.refresh()
    file = paths.cache_dir() / "fal" / "models.json"
    file.write_text(json.dumps([row[:8] for row in json.loads(file.read_text())]))

    old = catalogue.models()

    assert [(model.endpoint_id, model.name, model.license_type) for model in old] == [
        (KONTEXT, "Kontext", ""),
        ("bytedance/seed", "Seed", ""),
    ]
    assert old == await catalogue.refresh()
