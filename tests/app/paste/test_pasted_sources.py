"""Requests as people copy them from pages, shells and programs: each is read, or what it does not say is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from faldeck.app.paste import is_code, request
from faldeck.config.settings import Profile, demo_profile
from faldeck.schema.json_value import InvalidValue

SKETCH = "demo/sketch/fast"
FOX = {"prompt": "a fox"}
FIELD = Path(__file__).parents[3] / "shared" / "field" / "paste"
SECRET = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f:0123456789abcdef0123456789abcdef"

READ = {
    "paste-01-http-tab.txt": (SKETCH, {"prompt": 'a fox under the word "HELLO"'}),
    "paste-17-devtools-curl.txt": (SKETCH, {"prompt": "the fox's den!"}),
    "paste-23-wrapped-input.txt": ("", {"prompt": "a fox", "num_images": 2}),
    "paste-paren-string.txt": (SKETCH, {"prompt": "a fox in snow", "num_images": 2}),
}
"""Real pastes → what they ask for; all others ask for a fox."""

UNSAID = {"paste-16-js-shorthand.txt": "does not say what prompt and url are"}


@pytest.mark.skipif(not FIELD.is_dir(), reason="the real pastes are not beside the project")
def test_real_pastes_are_read_or_say_what_is_missing() -> None:
    names = sorted(path.name for path in FIELD.glob("*.txt"))
    assert names
    for name in names:
        text = (FIELD / name).read_text("utf-8")
        if name in UNSAID:
            assert is_code(text)
            with pytest.raises(InvalidValue, match=UNSAID[name]):
                request(text)
            continue
        endpoint_id, arguments = READ.get(name, (SKETCH, FOX))
        assert (request(text).endpoint_id, request(text).arguments) == (endpoint_id, arguments), name


URL = "https://queue.fal.run/demo/sketch/fast"
BODY = '\'{"prompt": "a fox"}\''


@pytest.mark.parametrize(
    "text",
    [
        f'response=$(curl -s {URL} -d {BODY})\nID=$(echo "$response" | jq -r .request_id)\nsleep 1',
        f"`curl -s {URL} -d {BODY}`",
        f'$ export FAL_KEY=abc\n$ curl {URL} \\\n>   -H "Authorization: Key $FAL_KEY" \\\n>   -d {BODY}',
        f"me@host:~/work$ curl {URL} -d {BODY}",
        f"% curl {URL} -d {BODY}",
        f"```bash\ncurl {URL} -d {BODY}\n```",
        f"Here's how it's done:\n\n```\n$ curl {URL} -d {BODY}\n```\n\nThat's all.",
        f"Here's how:\n\ncurl {URL} -d {BODY}\n\nThat's all.",
        f'export FAL_KEY="YOUR_API_KEY"\n\ncurl -X POST {URL} -H "Authorization: Key $FAL_KEY" -d {BODY}',
        f"FAL_KEY=abc curl {URL} -d {BODY} | jq .",
        f"curl -sSfLd {BODY} {URL}",
        f"curl -XPOST -H'Content-Type: application/json' -d{BODY} {URL}",
        f"curl --json {BODY} {URL}",
        f'curl -d @- {URL} <<EOF\n{{"prompt": "a fox"}}\nEOF',
        f'curl {URL} --data-binary @- <<-\'END\' | jq .\n\t{{"prompt": "a fox"}}\n\tEND\necho done',
        f"curl {URL} -d @- <<< {BODY}",
        f"echo {BODY} | curl {URL} --data-binary @-",
        f'cat > body.json <<\'EOF\'\n{{"prompt": "a fox"}}\nEOF\ncurl {URL} -d @body.json',
        f"printf '%s' {BODY} > /tmp/b.json; curl {URL} --data @/tmp/b.json",
        f'curl {URL} -d "$(cat <<EOF\n{{"prompt": "a fox"}}\nEOF\n)"',
        f'BODY={BODY}\ncurl "{URL}" --data-raw "$BODY"',
        'MODEL=demo/sketch/fast\nPROMPT="a fox"\ncurl https://fal.run/$MODEL -d "{\\"prompt\\": \\"${PROMPT}\\"}"',
        f'curl {URL} -d \'{{"prompt": "\'"${{PROMPT:-a fox}}"\'"}}\'',
        f'curl {URL} -d "{{\\"prompt\\": \\"a fox\\"}}"',
        f"curl {URL} \\ \n  -d {BODY}",
        f"curl {URL} -d {BODY} ; curl {URL}/requests/1/status",
        f'curl -X POST https://rest.fal.ai/storage/upload/initiate -d \'{{"file_name": "a"}}\'\ncurl {URL} -d {BODY}',
        f"for i in 1 2 3; do\n  curl {URL} -d {BODY}\ndone",
        f"if ! /usr/bin/curl {URL} -d {BODY}; then exit 1; fi",
        f"curl --request POST --url {URL} --header 'Authorization: Key abc' --data {BODY} --compressed",
        f'curl.exe {URL} -d "{{\\"prompt\\": \\"a fox\\"}}"',
        f'curl ^"{URL}^" ^\n  -H ^"accept: */*^" ^\n  --data-raw ^"^{{^\\^"prompt^\\^":^\\^"a fox^\\^"^}}^"',
        f"curl 'queue.fal.run/demo/sketch/fast?fal_webhook=https://a.b/c' -d {BODY}",
        f"curl https://fal.run/demo/sketch/fast/stream -d {BODY}",
        f"wget -qO- --header='Content-Type: application/json' --post-data={BODY} {URL}",
        f"http POST {URL} 'Authorization:Key abc' prompt='a fox'",
        'POST /demo/sketch/fast HTTP/1.1\nHost: queue.fal.run\nAuthorization: Key abc\n\n{"prompt": "a fox"}',
        f'POST {URL}\nContent-Type: application/json\n\n{{"prompt": "a fox"}}',
    ],
)
def test_shell_text_goes_to_the_model_it_names(text: str) -> None:
    assert request(text)[:2] == (FOX, SKETCH)
    assert is_code(text)


@pytest.mark.parametrize(
    "text",
    [
        'fal_client.submit("demo/sketch/fast", {"prompt": "a fox"})',
        "handle = await fal_client.submit_async('demo/sketch/fast', {'prompt': 'a fox'})",
        'fal_client.run("demo/sketch/fast", arguments={"prompt": "a fox"}, timeout=10)',
        'fal_client.run("demo/sketch", arguments={"prompt": "a fox"}, path="/fast")',
        'fal_client.subscribe(application="demo/sketch/fast", arguments={"prompt": "a fox"}, on_queue_update=on)',
        'for event in fal_client.stream("demo/sketch/fast", arguments={"prompt": "a fox"}):\n    print(event)',
        'import fal_client\n\nMODEL = "demo/sketch/fast"\nARGS = dict(prompt="a fox")\nfal_client.submit(MODEL, ARGS)',
        'from fal_client import submit\nsubmit("demo/sketch/fast", {"prompt": "a fox"})',
        'client = fal_client.AsyncClient(key="abc")\nawait client.subscribe("demo/sketch/fast", {"prompt": "a fox"})',
        '>>> import fal_client\n>>> fal_client.run("demo/sketch/fast", arguments={\n...     "prompt": "a fox",\n... })',
        'In [1]: fal_client.run("demo/sketch/fast", arguments={"prompt": "a fox"})',
        'args: dict[str, object] = {}\nargs["prompt"] = "a fox"\nfal_client.run("demo/sketch/fast", arguments=args)',
        'args = {}\nargs.update({"prompt": "a fox"})\nfal_client.run("demo/sketch/fast", args)',
        'args = cast(Input, {"prompt": "a fox"})\nfal_client.run("demo/sketch/fast", args)',
        'base = {"prompt": "a cat"}\nfal_client.run("demo/sketch/fast", {**base, "prompt": "a fox"})',
        'WHAT = "fox"\nfal_client.run("demo/sketch/fast", {"prompt": f"a {WHAT}"})',
        'class A(TypedDict):\n    prompt: str\n\na = A(prompt="a fox")\nfal_client.run("demo/sketch/fast", a)',
        'fal_client.run("demo/sketch/fast", {"prompt": "a " + "fox"})',
        'requests.post("https://queue.fal.run/demo/sketch/fast", json={"prompt": "a fox"}, headers=headers)',
        'httpx.post("https://fal.run/demo/sketch/fast", json={"prompt": "a fox"},\n'
        '    headers={"Authorization": f"Key {os.environ[\'FAL_KEY\']}"})',
        'url = "https://queue.fal.run/demo/sketch/fast"\npayload = {"prompt": "a fox"}\n'
        'r = requests.request("POST", url, json=payload)',
        'requests.post("https://queue.fal.run/demo/sketch/fast", data=json.dumps({"prompt": "a fox"}))',
        'BASE = "https://queue.fal.run"\nrequests.post(f"{BASE}/demo/sketch/fast", json={"prompt": "a fox"})',
        'conn = http.client.HTTPSConnection("queue.fal.run")\n'
        'conn.request("POST", "/demo/sketch/fast", json.dumps({"prompt": "a fox"}), headers)',
        'req = urllib.request.Request("https://queue.fal.run/demo/sketch/fast", '
        'data=json.dumps({"prompt": "a fox"}).encode(), method="POST")',
        'async with session.post("https://queue.fal.run/demo/sketch/fast", json={"prompt": "a fox"}) as r: ...',
    ],
)
def test_python_goes_to_the_model_it_names(text: str) -> None:
    assert request(text)[:2] == (FOX, SKETCH)
    assert is_code(text)


@pytest.mark.parametrize(
    "text",
    [
        'import { fal } from "@fal-ai/client";\n\nconst result = await fal.subscribe("demo/sketch/fast", {\n'
        '  input: {\n    prompt: "a fox", // what\n  },\n  logs: true,\n  onQueueUpdate: (update) => {\n'
        '    if (update.status === "IN_PROGRESS") {\n      update.logs.map((log) => log.message).forEach(say);\n'
        "    }\n  },\n});\nconsole.log(result.data);",
        'const prompt = "a fox";\nawait fal.subscribe("demo/sketch/fast", { input: { prompt } });',
        "const prompt = `a ${'fox'}`;\nawait fal.subscribe('demo/sketch/fast', { input: { prompt: `a fox` } });",
        "const what = 'fox';\nawait fal.run('demo/sketch/fast', { input: { prompt: `a ${what}` } });",
        'const input: Record<string, unknown> = { prompt: "a fox" };\nfal.queue.submit("demo/sketch/fast", { input });',
        'const options = { input: { prompt: "a fox" }, webhookUrl: hook };\nfal.run("demo/sketch/fast", options);',
        'await fal.subscribe<Output>("demo/sketch/fast", { input: { prompt: "a fox" as const } });',
        'await fal.run("demo/sketch", { path: "/fast", input: { prompt: "a fox" } });',
        'fetch("https://fal.run/demo/sketch/fast", {\n  method: "POST",\n  headers: { Authorization: `Key ${key}` },\n'
        '  body: JSON.stringify({ prompt: "a fox", }),\n})',
        'const options = {method: "POST", headers: {}, body: JSON.stringify({prompt: "a fox"})};\n'
        'fetch("https://fal.run/demo/sketch/fast", options).then(r => r.json());',
        "fetch('https://fal.run/demo/sketch/fast', {method: 'POST', body: '{\"prompt\": \"a fox\"}'})",
        'axios.post("https://queue.fal.run/demo/sketch/fast", { prompt: "a fox" }, { headers });',
        'axios({ method: "post", url: "https://queue.fal.run/demo/sketch/fast", data: { prompt: "a fox" } });',
        'fal.subscribe("demo/sketch/fast", { input: { ...{ prompt: "a cat" }, prompt: "a fox", seed: undefined } });',
        "```js\nawait fal.subscribe('demo/sketch/fast', { input: { /* it's */ prompt: 'a fox' } })\n```",
    ],
)
def test_javascript_goes_to_the_model_it_names(text: str) -> None:
    assert request(text)[:2] == (FOX, SKETCH)
    assert is_code(text)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ('fal.subscribe("a/b", { input: { prompt, image_url: url } })', "does not say what prompt and url are"),
        ('fal_client.run("a/b", {"prompt": text, "n": 2 * n})', "does not say what text and n are"),
        ('fal_client.run("a/b", {"flag": not True})', "does not say what flag is"),
        ('{"prompt": "a fox", "image_url": url}', "does not say what url is"),
        ('fal_client.run("a/b", {"image_url": upload(file)})', r"does not say what upload\(…\) is"),
        ("fal_client.run(MODEL, {'prompt': 'a'})", "does not say what MODEL is"),
        ('fal_client.run("a/b", {"prompt": f"a {what} in snow"})', "does not say what what is"),
        ('curl https://fal.run/a/b -d "{\\"prompt\\": \\"$PROMPT\\"}"', "does not say what PROMPT is"),
        ("curl https://fal.run/$MODEL -d '{}'", "does not say what MODEL is"),
        ("curl https://fal.run/a/b -d @body.json", "sends a file that is not in the text"),
        ("curl https://fal.run/a/b -d @-", "sends its standard input, which is not in the text"),
        ("curl https://fal.run/a/b -F file=@fox.png", "sends a form or a file, not JSON"),
        ("curl https://fal.run/a/b", "sends no input"),
        ('curl https://fal.run/a/b -d \'{"prompt": "a', "is cut off: a quote is not closed"),
        ("curl https://fal.run/a/b -d '{\"prompt\": }'", "sends a body that is not valid JSON"),
        ('fal_client.run("a/b", arguments={"prompt": "a fox",', "is cut off: a bracket is not closed"),
        ("curl https://fal.run/a/b -d \"$(jq -n --arg p x '{prompt: $p}')\"", r"does not say what \$\(jq …\) is"),
        ('fal_client.submit("a/b")', "sends no input"),
    ],
)
def test_what_a_text_leaves_open_is_said(text: str, missing: str) -> None:
    with pytest.raises(InvalidValue, match=missing):
        request(text)
    assert is_code(text) or text.startswith("{")


def test_brackets_in_python_are_no_list() -> None:
    text = 'fal_client.run("a/b", {"one": (2), "two": (1, 2), "none": (), "single": (1,), "deep": (((("x"))))})'
    assert request(text).arguments == {"one": 2, "two": [1, 2], "none": [], "single": [1], "deep": "x"}


def test_a_key_is_dropped_wherever_it_stands() -> None:
    texts = [
        f"curl {URL} -H 'Authorization: Key {SECRET}' -d {BODY}",
        f"FAL_KEY={SECRET} curl {URL} -d {BODY}",
        f'{{"Authorization": "Key {SECRET}", "input": {{"prompt": "a fox", "fal_key": "{SECRET}"}}}}',
        f'{{"prompt": "a fox{SECRET}", "api_key": "whatever"}}',
        f'fal_client.SyncClient(key="{SECRET}").submit("a/b", {{"prompt": "a fox"}})',
    ]
    for text in texts:
        assert request(text).arguments == FOX
        assert SECRET[:20] not in str(request(text))


@pytest.mark.parametrize(
    "text",
    [
        f"curl {URL} -H 'Authorization: Key {SECRET}' -d $X",
        f"curl {URL} -H 'Authorization: Key {SECRET}' -d '{{{SECRET}}}'",
        f'fal_client.run("a/b", {{"prompt": {SECRET}}})',
        f'fal.run("a/b", {{ input: {{ prompt: `${{Key {SECRET}}}` }} }})',
        f"curl {URL} -d @- < 'Key {SECRET}'",
    ],
)
def test_no_fault_repeats_a_key(text: str) -> None:
    with pytest.raises(InvalidValue) as fault:
        request(text)
    assert SECRET[:8] not in str(fault.value) and SECRET[-8:] not in str(fault.value)


def test_what_looks_like_a_wrapper_may_be_a_field() -> None:
    pasted = request('{"input": {"prompt": "a fox"}}')
    assert pasted.arguments == pasted.fitting(["prompt"]) == FOX
    assert pasted.fitting(["input", "seed"]) == {"input": FOX}


@pytest.mark.parametrize(
    "text",
    [
        "a long curl of smoke, authorization granted",
        "curl up in a chair by the fire",
        "a soft curl “like smoke”, a curl ‘n’ a wave",
        "a girl with a curl, curly hair",
        "she ran.run fast",
        "a sign that says POST OFFICE",
        "a fox $ a hen",
        "fal is a word; false too",
    ],
)
def test_words_for_a_picture_are_no_request(text: str) -> None:
    assert not is_code(text)
    with pytest.raises(InvalidValue):
        request(text)


@pytest.mark.parametrize(
    "text",
    [
        "curl",
        "curl --help",
        "curl $URL",
        "run this: curl https://x.example/y",
        "Authorization: Key abc",
        'headers = {"Authorization": key}',
        "export FAL_KEY=abc",
        "import fal_client",
        'fal_client.subscribe("demo/sketch/fast", arguments=make())',
        "await fal.subscribe(MODEL, options)",
        "fetch('/api/fal', {})",
    ],
)
def test_what_is_meant_as_a_request_is_told_from_words(text: str) -> None:
    assert is_code(text)
    with pytest.raises(InvalidValue):
        request(text)


def test_the_address_of_a_gateway_says_where_the_model_begins() -> None:
    relay = Profile(name="hk", queue_url="https://relay.example/x/y", run_url="https://relay.example/run")
    short = Profile(name="uni", queue_url="https://uni.example/fal-ai", models=("flux/dev",))
    page = Profile(name="page", queue_url="", images_url="https://p.example/draw", images_models=("flux/dev",))
    demo = demo_profile("http://127.0.0.1:41575")
    profiles = (relay, short, page, demo)
    for url, endpoint_id in {
        "https://relay.example/x/y/a/b/c": "a/b/c",
        "https://uni.example/fal-ai/flux/dev": "flux/dev",
        "https://uni.example/fal-ai/flux/pro": "fal-ai/flux/pro",
        "http://127.0.0.1:41575/queue/demo/sketch/fast": SKETCH,
        "http://127.0.0.1:41575/run/demo/sketch/fast": SKETCH,
        "http://localhost:1/queue/demo/sketch/fast": SKETCH,
        "https://unknown.example/queue/fal-ai/flux/dev": "fal-ai/flux/dev",
        "https://unknown.example/fal-ai/flux/dev": "fal-ai/flux/dev",
    }.items():
        assert request(f"curl {url} -d {BODY}", profiles)[:2] == (FOX, endpoint_id), url
    drawn = 'curl https://p.example/draw -d \'{"model": "fal-ai/flux/dev", "n": 2, "num_images": 2}\''
    assert request(drawn, profiles)[:2] == ({"num_images": 2}, "flux/dev")
