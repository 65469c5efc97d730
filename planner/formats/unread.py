"""Servers of language models whose configuration stands elsewhere, or which planner does not know: that is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.formats import flags
from planner.workload import NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.flags import Word
    from planner.formats.serving import Place
    from planner.source.document import Path

BACKEND = r".*\btensorrt_?llm(?:_backend)?/.*"
"""The folder of Triton's models that are engines of TensorRT-LLM, wherever it stands in a command."""
SERVERS = (
    (r".*tritonserver:[\w.-]*trtllm.*", "Triton serves engines of TensorRT-LLM, which are built elsewhere"),
    (r"(?:.*/)?local-?ai(?::.*)?", "LocalAI serves the models of its own folder, each a file of its own"),
    (r"(?:.*/)?(?:djl-inference|djl-serving)(?::.*)?", "DJL Serving takes its model from a serving.properties"),
    (r"dynamo serve", "the graph that Dynamo serves is code of its own"),
)
"""Pattern of an image, of a program, or of a program and its first argument; and why it is not checked."""
OTHERS = (
    r"(?:.*/)?(jetstream-(?:pytorch|maxtext)[\w-]*|maxengine-server|lorax(?:-launcher)?|mlc_llm|mistralrs-server|mistral\.rs|"
    r"koboldcpp|aphrodite(?:-engine|-openai)?|tabbyapi|openllm|xinference(?:-local)?|lightllm)(?::.*)?"
)
"""Engines that planner does not know, as a program or by their image."""
SIMULATOR = "llm-d-inference-sim"
"""An image that serves no model."""
SIMULATED = NotChecked("serving", "a simulator answers for the model and holds nothing", "", "")
SCRIPT = r"(?!.*/multi-node-serving\.sh)[^\s=]+\.(?:sh|bash)"
"""Any but that of vLLM's examples with which a node joins Ray's."""
MEND = "describe it in a file for planner"


def workload(missing: NotChecked, name: str, place: Place, path: Path) -> Workload:
    """A container or service at `path` of which nothing can be worked out."""
    origins = {"deployment": Origin("key", path)}
    return Workload(place.document, place.format, name, origins=origins, not_checked=(missing,))


def found(line: Sequence[Word], image: object) -> NotChecked | None:
    """Why a container that starts one of them is not checked; None of any other."""
    commands = [[word.text for word in command] for command in flags.commands(line)]
    started = [
        name for words in commands for name in (words[0], f"{words[0].rpartition('/')[2]} {' '.join(words[1:2])}")
    ]
    for text in (*started, str(image or "")):
        for pattern, because in SERVERS:
            if re.fullmatch(pattern, text):
                return NotChecked("model", because, MEND, "deployment")
        match = re.fullmatch(OTHERS, text)
        if match is not None:
            return NotChecked("serving", f"{match[1]} is no engine that planner knows", MEND, "deployment")
    if any(re.fullmatch(BACKEND, word) for words in commands for word in words):
        return NotChecked("model", SERVERS[0][1], MEND, "deployment")
    return None


def started(line: Sequence[Word], image: object) -> NotChecked | None:
    """Why nothing is known of an engine's image whose command starts a script; None of any other."""
    if not isinstance(image, str) or flags.by_image(image) is None:
        return None
    programs = (word.text for command in flags.commands(line) for word in command[:3])
    script = next((text for text in programs if re.fullmatch(SCRIPT, text)), None)
    if script is None:
        return None
    return NotChecked("serving", f"its command starts {script}, which is not read", MEND, "deployment")
