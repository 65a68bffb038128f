"""What the form of the training shows of a draft: an epoch as batches, and the table of last layers and losses."""

from collections.abc import Mapping

from rich.text import Text

from tuinn.spec.training.losses import last_activation, resolve_loss
from tuinn.spec.training.output_layer import OUTPUT_LAYERS, output_layer_for
from tuinn.text import format_count, plural
from tuinn.view.draft import Draft

WIDTH = 64
"""Cells of the row of batches."""


def training_samples(draft: Draft) -> int:
    """Samples of an epoch: those that are not kept to validate on."""
    return draft.facts.train - round(draft.facts.train * draft.spec.dataset.validation)


def updates_per_epoch(draft: Draft) -> int:
    return -(-training_samples(draft) // draft.spec.fit.batch_size)


def updates_line(draft: Draft) -> str:
    """`54,000 samples / 128 → 422 updates an epoch × 10 epochs = 4,220`."""
    fit, updates = draft.spec.fit, updates_per_epoch(draft)
    return (
        f"{format_count(training_samples(draft))} samples / {format_count(fit.batch_size)} → "
        f"{plural(updates, 'update')} an epoch × {plural(fit.epochs, 'epoch')} = "
        f"{format_count(updates * fit.epochs)}"
    )


def epoch_picture(draft: Draft, ascii_only: bool, colours: Mapping[str, str]) -> Text:
    """The batches of an epoch as a row of blocks, and what is kept to validate on; lines of at most 72 cells."""
    batch, samples = draft.spec.fit.batch_size, training_samples(draft)
    kept = draft.facts.train - samples
    full, part = "#-" if ascii_only else "■□"
    if batch > samples:
        return Text(
            f"One batch has room for all {format_count(samples)} samples and would stay "
            f"{samples / batch:.0%} full.\nThis is not trained: batch_size may be {format_count(samples)} at most, "
            "which is one update an epoch.",
            style=colours["warning"],
        )
    updates, rest = updates_per_epoch(draft), samples % batch
    each = -(-updates // WIDTH)
    text = Text("an epoch  ", style="dim")
    blocks = -(-updates // each)
    text.append(full * (blocks - bool(rest)) + part * bool(rest), style=colours["curve-train"])
    last = f"the last has {format_count(rest)}" if rest else "all of them full"
    group = f"; a {full} is {plural(each, 'batch', 'batches')}" if each > 1 else ""
    text.append(f"\n          {plural(updates, 'batch', 'batches')} of {format_count(batch)}, {last}{group}")
    text.append("\nkept      ", style="dim")
    text.append(f"{format_count(kept)} to validate on after each epoch" if kept else "nothing to validate on")
    return text


def loss_table(draft: Draft, colours: Mapping[str, str]) -> Text:
    """Problem → last activation → loss. The row of this draft stands out, with what the draft has."""
    facts, model = draft.facts, draft.spec.model
    outputs = (draft.summary.output or (1,))[-1]
    fitting = output_layer_for(facts, outputs)
    last, loss = last_activation(model), resolve_loss(draft.spec.fit.loss, model, facts, outputs).name
    fits = last in fitting.activations
    text = Text.assemble((f"  {'problem':<26}{'last':<9}loss", "dim"))
    for row in OUTPUT_LAYERS:
        line = f"{row.problem:<26}{row.activations[0]:<9}{row.loss}"
        text.append(f"\n▸ {line}" if row is fitting else f"\n  {line}", "bold" if row is fitting else "dim")
    text.append("\nthis draft: ", style="dim")
    sign = ("✓", colours["success"]) if fits else ("✗", colours["warning"])
    return text.append_text(Text.assemble(f"{last} ", sign, f" → {loss}"))
