"""NeMo Automodel: the model and its quantization, the adapter, the devices, the teacher of a distillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import units
from planner.formats.native import fields
from planner.workload import Companion, Hardware, Lora, Model, NotChecked, Origin, Quantization, Training

if TYPE_CHECKING:
    from planner.formats.training import Settings

NAMES = (
    "model.pretrained_model_name_or_path", "model.config.pretrained_model_name_or_path", "model.config.name_or_path",
)  # fmt: skip
WHOSE = "NeMo Automodel"


def model(settings: Settings) -> Model:
    found = settings.named(*NAMES)
    if found is None:
        target = settings.find("recipe_args.target_model_name_or_path", "model.config._target_")
        because = "the model is built from sizes that stand elsewhere"
        if target is not None and target.path[0] == "recipe_args":
            because = f"a draft of {target.value} is trained, whose shape is not stated"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model()
    found = found._replace(dtype=settings.get("model.dtype", units.dtype, "model.torch_dtype", "model.dtype"))
    if "BiEncoder" in str(settings.value("model._target_")) or not settings.has("quantization"):
        return found
    return found._replace(quantization=_quantization(settings))


def _quantization(settings: Settings) -> Quantization | None:
    stated = settings.mapping("quantization")
    if settings.flag(False, "quantization.load_in_4bit"):
        return Quantization("bitsandbytes", 4, None, {key: stated[key] for key in stated if key.startswith("bnb_")})
    return Quantization("bitsandbytes", 8) if settings.flag(False, "quantization.load_in_8bit") else None


def lora(settings: Settings) -> Lora:
    return Lora(
        rank=settings.get_or("training.lora.rank", fields.whole, 8, WHOSE, "peft.dim"),
        targets=_targets(settings),
        dropout=fields.number(settings.value("peft.dropout")) or 0.0,
        dtype=units.dtype(settings.value("peft.lora_dtype")),
        dora=settings.flag(False, "peft.use_dora"),
    )


def _targets(settings: Settings) -> str | tuple[str, ...]:
    """Names of layers; a pattern such as `*_proj` means them all."""
    stated = settings.value("peft.target_modules")
    names = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    plain = tuple(str(name).strip("*.").rpartition(".")[2] for name in names)
    return plain if plain and not any("*" in name or name == "_proj" for name in plain) else "all-linear"


def hardware(settings: Settings) -> Hardware | None:
    """Devices as the parallel sizes make them where `dp_size` is stated, or as SkyPilot is asked for them."""
    wanted = settings.value("skypilot.accelerators")
    if isinstance(wanted, str) and settings.context.hardware is None:
        from planner.formats.resolve import parse_hardware_option

        found, wrong = parse_hardware_option(wanted)
        if found is not None and not wrong:
            settings.origins["training.hardware"] = Origin("key", ("skypilot", "accelerators"))
            nodes = fields.whole(settings.value("skypilot.num_nodes")) or 1
            return found._replace(count=(found.count or 1) * nodes)
    replicas = settings.get("training.hardware.count", fields.whole, "distributed.dp_size")
    for size in ("tp_size", "pp_size", "cp_size"):
        replicas = replicas * (fields.whole(settings.value(f"distributed.{size}")) or 1) if replicas else None
    return settings.hardware(replicas)


def taught(run: Training, settings: Settings) -> Training:
    if not settings.has("teacher_model"):
        return run
    apart = settings.flag(False, "separate_meshes")
    place = "elsewhere" if apart else "host" if settings.flag(False, "offload_teacher_model") else "device"
    teacher = settings.named_beside("teacher_model.pretrained_model_name_or_path")
    dtype = units.dtype(settings.value("teacher_model.torch_dtype"))
    return run._replace(algorithm="gkd", teacher_model=Companion(place, teacher, dtype))
