"""What readers of training configs share: values by dotted path, each with its origin."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from planner.formats import training_model
from planner.formats.native import fields
from planner.formats.references import Open, References, Stated
from planner.formats.values import word
from planner.workload import Hardware, Model, NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.inheritance import Chain
    from planner.source.document import Document, Path
    from planner.workload import Training

T = TypeVar("T")


class Settings(References):
    """The values of a training config, and what was read of them."""

    def __init__(
        self,
        document: Document,
        context: Context,
        spell: Callable[[str], str] | None = None,
        chain: Chain | None = None,
    ) -> None:
        """`spell` makes one spelling of the keys of a format that has several: num-layers, --num-layers.

        `chain` is what the config says together with the files that it builds on.
        """
        super().__init__(chain.data if chain else document.data, spell)
        self._layers, self._whose = (chain.layers, chain.whose) if chain else ((), "")
        self.document, self.context = document, context
        self.origins: dict[str, Origin] = {}
        self.not_checked: list[NotChecked] = []

    def find(self, *paths: str) -> Stated | None:
        """The first of `paths` that is stated and not null, with its references followed."""
        for path in paths:
            found = self.at(path)
            if found is not None and found.value is not None and not isinstance(found.value, Open):
                return found
        return None

    def value(self, *paths: str) -> object:
        """The value of the first of `paths` that is stated."""
        found = self.find(*paths)
        return None if found is None else found.value

    def has(self, *paths: str) -> bool:
        """Whether one of `paths` is stated: not null, false, empty or "none". What is filled in later counts."""
        found = (self.at(path) for path in paths)
        return any(
            stated is not None and stated.value is not None and stated.value not in (False, "", "none", "null")
            for stated in found
        )

    def mapping(self, *paths: str) -> Mapping[str, Any]:
        """The mapping at the first of `paths` that is stated; empty if it is none."""
        found = self.value(*paths)
        return found if isinstance(found, dict) else {}

    def get(self, field: str, read: Callable[[object], T | None], *paths: str) -> T | None:
        """What `read` makes of the first of `paths` that is stated, for `field` of the vocabulary."""
        for path in paths:
            found = self.at(path)
            if found is None or found.value is None:
                continue
            self.origins[field] = self.origin(found.path)
            if not isinstance(found.value, Open):
                return read(found.value)
            self._say_open(field, path, found.value.text)
        return None

    def get_or(
        self, field: str, read: Callable[[object], T | None], default: T | None, whose: str, *paths: str
    ) -> T | None:
        """`get`, with the `default` of the framework `whose` where nothing is stated."""
        found = self.get(field, read, *paths)
        if found is None and field not in self.origins and default is not None:
            self.origins[field] = Origin("default", note=f"{whose}'s default")
            return default
        return found

    def origin(self, path: Path, note: str = "") -> Origin:
        """Where the value at `path` stands: in the config, or in a file that it builds on."""
        for document, package, within in self._layers:
            inner = (*within, *path[len(package) :])
            if path[: len(package)] == package and _holds(document.data, inner):
                return Origin("key", inner, None if document is self.document else document, note)
        return Origin("default", note=self._whose) if self._whose else Origin("key", path, note=note)

    def size(self, key: str, *paths: str) -> int | None:
        """A number that makes the model's architecture, under its Hugging Face `key`."""
        return self.get(f"model.architecture.{key}", fields.whole, *paths)

    def flag(self, default: bool, *paths: str) -> bool:
        """Whether the first of `paths` that is stated is true."""
        found = self.value(*paths)
        return found if isinstance(found, bool) else default if found is None else str(found).lower() in ("true", "1")

    def word(self, *paths: str) -> str:
        """The text of the first of `paths` that is stated, in lower case; empty if there is none."""
        return word(self.value(*paths) or "").strip().lower()

    def named(self, *paths: str, beneath: str = "", instead: str | None = None) -> Model | None:
        """The model that the name at the first of `paths` stands for, without the folder `beneath`; None if none.

        `instead` is what the Hub calls it.
        """
        found = self.find(*paths) or self._open(*paths)
        if found is None or not isinstance(found.value, str) or not found.value.strip():
            return None
        text = instead or found.value.strip()
        name = text.removeprefix("./").removeprefix(beneath) if beneath else text
        model, unknown = training_model.find(name, self.origin(found.path), self.document, self.context, self.origins)
        self.not_checked += unknown
        return model

    def named_beside(self, *paths: str, instead: str | None = None) -> Model | None:
        """The model named at the first of `paths` that takes part beside the config's own; a name alone where it is
        not known.
        """
        found = self.find(*paths)
        if found is None or not isinstance(found.value, str) or not found.value.strip():
            return None
        name = instead or found.value.strip()
        return training_model.find(name, self.origin(found.path), self.document, self.context, {})[0]

    def vocabulary(self, *paths: str) -> int | None:
        """Entries in the vocabulary of the tokenizer that is named at one of `paths`, as far as names tell."""
        for path in paths:
            found = self.find(path)
            if found is not None and isinstance(found.value, str):
                self.origins[training_model.VOCABULARY] = self.origin(found.path, "of the tokenizer")
                entries = training_model.vocabulary(found.value, self.document, self.context)
                if entries is not None:
                    return entries
        return None

    def hardware(self, count: int | None = None) -> Hardware | None:
        """`count` devices of the kind that the surroundings state; both may be unknown."""
        given = self.context.hardware
        origin = self.context.hardware_origin or Origin("option", note="--hardware")
        if given is None:
            from planner.formats import started

            found = started.hardware(self.document.file, self.context)
            if found is None:
                return Hardware(count=count) if count else None
            given, origin = found
        self.origins["training.hardware"] = origin
        return given._replace(count=count) if count else given

    def workload(self, format: str, model: Model | None, training: Training | None, *names: str) -> Workload:
        """All that was read, called after the first of `names` that is stated, else after the model or the file."""
        stated = (self.value(path) for path in names)
        name = next(
            (text for text in stated if isinstance(text, str) and text and not training_model.is_open(text)), None
        )
        stem = os.path.splitext(os.path.basename(self.document.file))[0]
        name = name or (model.name if model else None) or stem
        self.origins.setdefault("training", Origin("key", ()))
        section = isinstance(self.document.data, dict) and "model" in self.document.data
        self.origins.setdefault("model", Origin("key", ("model",) if section else ()))
        self.origins.setdefault("model.architecture", self.origins["model"])
        return Workload(
            self.document, format, name, model, None, training, self.origins,
            not_checked=tuple(self.not_checked),
        )  # fmt: skip

    def _open(self, *paths: str) -> Stated | None:
        """The first of `paths` that is filled in elsewhere, as it is written."""
        for path in paths:
            found = self.at(path)
            if found is not None and isinstance(found.value, Open):
                return Stated(found.value.text, found.path)
        return None

    def say_lost(self, files: tuple[str, ...]) -> None:
        """Say which of the files that the config builds on could not be read."""
        for name in files:
            because = f"{name}, which this config builds on, is not there: what it states is not known"
            self.not_checked.append(NotChecked("training", because, "check it where the file lies", "defaults"))

    def _say_open(self, field: str, path: str, text: str) -> None:
        what = field.partition(".")[0]
        because = f"`{path.rpartition('.')[2]}` is `{text}`, which is filled in outside of this file"
        self.not_checked.append(NotChecked(what, because, "write its value there", field))


def _holds(values: object, path: Path) -> bool:
    for step in path:
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True
