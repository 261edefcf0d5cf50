"""Keys in what people paste: the key alone, or why there is none."""

from __future__ import annotations

import pytest

from faldeck.config.key_text import LONGEST, NoKeyFound, is_placeholder, key_in

ID, SECRET = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY = f"{ID}:{SECRET}"


@pytest.mark.parametrize(
    "around",
    [
        *("{}", " {}\r\n", "'{}'", '"{}"', "“{}”", "`{}`", '"{}",', "\ufeff{}\u200b", "\x1b[200~{}\x1b[201~", "{}\x00"),
        *("Key {}", "key  {}", "Bearer {}", "Authorization: Key {}", '-H "Authorization: Key {}"'),
        *("FAL_KEY={}", "export FAL_KEY={}", 'export FAL_KEY="{}"', "FAL_KEY = '{}' # mine", "set FAL_KEY={}"),
        *("setx FAL_KEY {}", '$env:FAL_KEY="{}"', "fal_key: {}", '"FAL_KEY": "{}",', "FAL_KEY='{}'; export FAL_KEY"),
        *("{0}{0}", "{0} {0}", "{0}\n{0}", "Key {0}Key {0}", "FAL_KEY={0}\nFAL_KEY={0}"),
    ],
)
def test_what_was_copied_with_a_key_is_taken_off(around: str) -> None:
    assert key_in(around.format(KEY), is_fal=True) == KEY
    assert key_in(around.format("id:secret")) == "id:secret"


def test_both_halves_may_be_set_apart() -> None:
    assert key_in(f"export FAL_KEY_ID={ID}\nexport FAL_KEY_SECRET='{SECRET}'") == KEY


@pytest.mark.parametrize("key", ["demo-key", "sk-proj-abc==", "abcKEY==", "x", "enterprise-key-7f3a", "0f1e:good", ID])
def test_a_key_of_a_relay_is_taken_as_it_is(key: str) -> None:
    assert key_in(key) == key


@pytest.mark.parametrize(
    "text",
    [
        *(
            "$FAL_KEY",
            "${FAL_KEY}",
            "%FAL_KEY%",
            '"$FAL_KEY"',
            "Key $FAL_KEY",
            "export FAL_KEY=YOUR_API_KEY",
            "FAL_KEY",
        ),
        *("YOUR_API_KEY", "your-key-here", "<key_id>:<key_secret>", "key_id:key_secret", "KEY_ID:KEY_SECRET", "<key>"),
        *("{{FAL_KEY}}", "xxxx:xxxx", "sk-...", "***", "6b1f…:••••", 'os.environ["FAL_KEY"]', "process.env.FAL_KEY"),
        *("PASTE_YOUR_KEY_HERE", "YOUR_KEY_ID:YOUR_KEY_SECRET", "replace-me", "$(pass fal)"),
    ],
)
def test_a_placeholder_is_told(text: str) -> None:
    with pytest.raises(NoKeyFound, match="placeholder"):
        key_in(text)
    assert not is_placeholder(KEY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *(("", "empty"), ("  \n", "empty"), ("a" * (LONGEST + 1), "too long")),
        *((f"{ID}:", "first half"), (f":{SECRET}", "second half"), (ID, "first half"), (SECRET, "second half")),
        *((f"FAL_KEY_ID={ID}", "one half"), (f"{ID}:\x1b[31m{SECRET}", "control character")),
        *((f"{ID} {SECRET}", "spaces"), (f"{ID}:\n{SECRET}", "spaces"), ("schlüssel-1", "one word")),
        *(("https://fal.ai/dashboard/keys", "address"), ("me@example.com", "address")),
        *((f"{ID[:8]}...:...cdef", "placeholder"),),
        *(("FAL_KEY=`pass fal`", "spaces"), (f"{ID}:'{SECRET}", "quotes")),
    ],
)
def test_what_is_no_whole_key_is_told_without_showing_it(text: str, why: str) -> None:
    with pytest.raises(NoKeyFound, match=why) as caught:
        key_in(text, is_fal=True)
    assert ID not in str(caught.value) and SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        'declare -x FAL_KEY="{}"',
        "<{}>",
        "  - FAL_KEY={}",
        'curl -H "Authorization: Key {}" https://fal.run/fal-ai/flux/dev',
        "your key is {} (keep it safe)",
        "{{ {} }}",
        "My key is {}.",
        "{}.",
    ],
)
def test_a_whole_key_is_found_in_any_text_that_holds_one(text: str) -> None:
    assert key_in(text.replace("{}", KEY), is_fal=True) == KEY
    assert key_in(text.replace("{}", KEY.replace(":", " : ")), is_fal=True) == KEY


def test_of_two_keys_in_a_text_none_is_chosen() -> None:
    with pytest.raises(NoKeyFound):
        key_in(f"old {KEY}, new {KEY[::-1].replace(':', '')[:8]}{KEY[8:]}", is_fal=True)
