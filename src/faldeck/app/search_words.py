"""Words that people search models with, and what they mean: other words, short forms, other languages, makers. Data."""

from __future__ import annotations

import re
from collections.abc import Mapping

FILLERS = frozenset(("a", "an", "the", "for", "of", "and", "with", "my", "me", "please", "model", "models", "ai"))
"""Words that say nothing about a model; they count only if there are no others."""

SOUNDS = (("ph", "f"), ("ck", "k"), ("x", "ks"), ("c", "k"), ("z", "s"), ("y", "i"))
"""Spellings that sound alike: `fluks` is `flux`."""

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

MAKERS: Mapping[str, str] = {
    "veo": "google deepmind",
    "nano-banana": "google gemini",
    "imagen": "google",
    "gemini": "google",
    "lyria": "google deepmind",
    "sora": "openai",
    "gpt-image": "openai chatgpt",
    "dall": "openai",
    "whisper": "openai",
    "flux": "black forest labs bfl",
    "kling": "kuaishou",
    "seedance": "bytedance",
    "seedream": "bytedance",
    "wan": "alibaba",
    "qwen": "alibaba",
    "z-image": "alibaba tongyi",
    "hunyuan": "tencent",
    "hailuo": "minimax",
    "stable-": "stability",
    "sdxl": "stability",
    "sam": "meta facebook segment anything",
    "llama": "meta facebook",
    "ray": "luma",
    "luma": "luma dream machine",
    "grok": "xai",
    "trellis": "microsoft",
    "florence": "microsoft",
    "vibevoice": "microsoft",
    "cosmos": "nvidia",
    "parakeet": "nvidia",
    "sana": "nvidia",
    "ltx": "lightricks",
    "pixverse": "pixverse",
    "bria": "bria",
}
"""A part of an id → who makes such models, and other names of theirs. The description seldom says it."""

_LETTERS: Mapping[str, str] = {
    **dict.fromkeys(("t", "txt", "text"), "text"),
    **dict.fromkeys(("i", "img", "image", "pic"), "image"),
    **dict.fromkeys(("v", "vid", "video"), "video"),
    **dict.fromkeys(("a", "audio"), "audio"),
    **dict.fromkeys(("s", "speech"), "speech"),
    "music": "music",
    "3d": "3d",
}
_FROM_TO = re.compile(r"([a-z]+)2(3d|[a-z]+)")

_ENDING = re.compile(r"([a-z]{4,}?)e?(?:s|ers?|ors?|ings?|ed)")
"""A word with an ending that names in the catalogue may have otherwise, or not at all."""

_SAID: Mapping[str, str] = {
    "image": "img pic pics picture pictures photo photos bild bilder immagine imagem imagen",
    "video": "vid vids movie movies film clip clips filme animate",
    "music": "song songs musik musique musica",
    "voice": "voix voz voce stimme",
    "speech": "voice sprache parole habla fala",
    "text": "texte texto testo",
    "background": "bg hintergrund fond fondo sfondo fundo",
    "remove": "entfernen enlever supprimer quitar remover eraser delete",
    "to": "zu nach en vers para in into",
    "upscale": "enlarge superresolution superres hires upres vergrossern agrandir",
    "speech to text": "asr stt transcribe transcription transcript dictation subtitles",
    "text to speech": "tts narrator narration voiceover",
    "lipsync": "lipsynch lipsinc",
    "trainer": "train finetune finetuning",
    "sound effects": "sfx noises",
    "3d": "mesh glb obj",
    "background remove": "cutout matting",
    "inpaint": "inpainting",
    "outpaint": "outpainting",
    "gpt": "chatgpt",
}
"""Words of the ids and categories of models → other words for the same, also in other languages."""

_MEANT = {word: tuple(meant.split()) for meant, said in _SAID.items() for word in said.split()}


def has_meaning(word: str) -> bool:
    """True if a word is another word for something in the catalogue, and so no misspelt one."""
    return word in _MEANT or _ways(word) is not None


def _ways(word: str) -> tuple[str, ...] | None:
    """What `i2v` and the like mean: from what a model makes what."""
    both = _FROM_TO.fullmatch(word)
    if both is None or both[1] not in _LETTERS or both[2] not in _LETTERS:
        return None
    return (_LETTERS[both[1]], "to", _LETTERS[both[2]])


def meanings(word: str) -> tuple[str, ...]:
    """What a word means as words of the catalogue: `i2v` is `image to video`, `upscalers` is what has `upscal` in it.

    Itself if it has no other meaning.
    """
    if word in _MEANT:
        return _MEANT[word]
    ending = _ENDING.fullmatch(word)
    return _ways(word) or ((ending[1],) if ending else (word,))
