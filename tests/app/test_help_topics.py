"""The help by topic: every topic is short and plain, and every command in it is one."""

import re
import shlex

import pytest

from faldeck.app import help_topics
from faldeck.app.help_topics import Topic, UnknownTopic
from faldeck.cli.command_table import find_command, parser_actions
from faldeck.config.settings import Config

FIELDS = {"-p", "--prompt", "--file", "--image-url", "--seed"}
"""Fields of models, and the short names of some, which `run` takes."""


def calls(topic: Topic) -> list[list[str]]:
    """The words after `faldeck` of each command in a topic."""
    lines = re.findall(r"^  (faldeck .+)$|`(faldeck [^`]+)`", topic.text, re.MULTILINE)
    return [shlex.split(block or span)[1:] for block, span in lines]


@pytest.mark.parametrize("topic", help_topics.topics(), ids=lambda topic: topic.name)
def test_a_topic_fits_on_a_screen_or_two_and_its_commands_parse(topic: Topic) -> None:
    lines = topic.text.splitlines()
    assert topic.about and 10 <= len(lines) <= 48
    assert max(map(len, lines)) <= 79
    assert calls(topic)
    for words in calls(topic):
        while words and words[0].startswith("--"):
            words = words[2 if words[0] == "--profile" else 1 :]
        if not words:
            continue  # The deck itself.
        command = find_command(words[0])
        assert command, words
        if command.takes_flags:
            known = {flag for action in parser_actions(command.parser()) for flag in action.option_strings}
            assert {word for word in words if word.startswith("-")} <= known | FIELDS, words
        else:
            assert command.arguments(words[1:]) is not None


def test_the_job_that_the_first_steps_make_is_listed_where_it_is() -> None:
    words = [words for words in calls(help_topics.topic("start")) if "run" in words or "jobs" in words]
    assert len(words) == 2 and all(some[0] == "--demo" for some in words)


def test_the_files_are_those_that_are_listed_and_every_other_word_leads_to_one() -> None:
    assert {path.stem for path in help_topics.FOLDER.iterdir()} == set(help_topics.NAMES)
    assert set(help_topics.OTHER_WORDS.values()) <= set(help_topics.NAMES)
    assert not set(help_topics.OTHER_WORDS) & set(help_topics.NAMES)


def test_the_settings_of_the_topic_are_those_of_the_config() -> None:
    text = help_topics.topic("config").text
    named = set(re.findall(r"^  (\w+) = ", text, re.MULTILINE)) | set(re.findall(r"^  \[(\w+)", text, re.MULTILINE))
    assert named == set(Config.__dataclass_fields__) - {"problems", "debug"}


def test_a_near_miss_is_named_and_another_word_for_a_topic_opens_it() -> None:
    assert help_topics.topic(" Gateway ").name == "relays"
    with pytest.raises(UnknownTopic) as missed:
        help_topics.topic("serch")
    assert missed.value.nearest == "search"
    with pytest.raises(UnknownTopic) as unlike:
        help_topics.topic("zzzzzz")
    assert unlike.value.nearest is None
