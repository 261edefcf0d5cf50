"""A profile's service, opened."""

from dataclasses import fields

from faldeck.config.profile import Profile
from faldeck.fal.urls import Hosts


def test_every_address_of_a_profile_reaches_its_gateway() -> None:
    shared = {field.name for field in fields(Profile)} & set(Hosts._fields)

    assert shared == set(Hosts._fields) - {"cdn_url"}
    profile = Profile(name="lab", queue_url="https://relay.example", videos_models=("a", "b"), images_auth="Key")
    hosts = Hosts.of(profile)
    assert (hosts.queue_url, hosts.videos_models, hosts.images_auth) == ("https://relay.example", ("a", "b"), "Key")
