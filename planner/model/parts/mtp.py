"""Multi-token prediction: further layers behind the last, stored in checkpoints and not loaded by default."""

from __future__ import annotations

from math import prod

from planner.model.parts.basic import linear, norms
from planner.model.parts.embeddings import embedding, head
from planner.model.stack import Layer, Tensor


def predictors(last: Layer, hidden: int, vocab: int, count: int) -> tuple[Tensor, ...]:
    """`count` × (a layer like the last + 2·h² + 3·h + copies of embedding and head) (DeepSeek-V3, section 2.2).

    `vocab` is 0 where the checkpoint has no such copies.
    """
    one = (
        *last.tensors,
        *linear("eh_proj", 2 * hidden, hidden, "other"),
        *norms(hidden, "enorm", "hnorm", "shared_head.norm"),
        *embedding(vocab, hidden),
        *head(vocab, hidden, tied=False, name="shared_head.head"),
    )
    return tuple(tensor._replace(copies=tensor.copies * count) for tensor in one if prod(tensor.shape)) if count else ()
