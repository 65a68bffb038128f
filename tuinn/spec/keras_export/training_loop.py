"""The training of an exported script written out: a loop over epochs and batches with a GradientTape."""

from collections.abc import Iterator

from tuinn.spec.calls import loss_call
from tuinn.spec.keras_export.plan import Plan
from tuinn.spec.keras_export.update_step import model_update_lines
from tuinn.spec.training import metrics

STEP = '''
@tf.function
def one_training_step(x, y{argument}):
    with tf.GradientTape() as tape:
        outputs = model(x, training=True)
        loss = keras.ops.sum([loss_function(y, outputs{weights}), *model.losses])
        aim = {aim}
    gradients = tape.gradient(aim, model.trainable_variables)
    {update}
    return outputs, loss


@tf.function
def look(x, y):
    outputs = model(x, training=False)
    return outputs, keras.ops.sum([loss_function(y, outputs), *model.losses])


def measure(batches, part="", learn=False):
    """Mean loss and metrics over these batches, which are places in (x, y)."""
{keep}    for metric in metrics:
        metric.reset_state()
    mean = keras.metrics.Mean()
    for x, y, *more in batches:
        outputs, loss = one_training_step(x, y, *more) if learn else look(x, y)
        mean.update_state(loss, sample_weight=len(x))
        for metric in metrics:
            metric.update_state(y, outputs)
{restore}    told = {{"loss": mean, **{{metric.name: metric for metric in metrics}}}}
    return {{part + name: float(metric.result()){unit} for name, metric in told.items()}}


def batches(x, y, size, *more):
    for start in range(0, len(x), size):
        yield tuple(part[start : start + size] for part in (x.astype("float32"), y, *more))
'''


def loop_lines(plan: Plan) -> Iterator[str]:
    """The lines of the training, the reports and the test."""
    fit = plan.spec.fit
    weighted = fit.class_weights == "balanced"
    yield f"optimizer = {plan.optimizer}"
    scaled = fit.precision == "mixed_float16"
    if scaled:
        yield "optimizer = keras.mixed_precision.LossScaleOptimizer(optimizer)"
    yield "optimizer.build(model.trainable_variables)"
    yield f"loss_function = {loss_call(fit, plan.loss).code('keras.losses')}"
    yield f"metrics = [{', '.join(call.code('keras.metrics') for call in plan.metrics)}]"
    update = "optimizer.apply(gradients, model.trainable_variables)"
    if fit.train_step == "written_out":
        yield from (*model_update_lines(plan), "")
        update = "update_weights(gradients)"
    yield STEP.format(
        update=update,
        argument=", weights" if weighted else "",
        weights=", sample_weight=weights" if weighted else "",
        unit=" * UNIT.get(name, 1.0)" if plan.scales_logs else "",
        keep="    kept = states()\n" if plan.draws_always else "",
        restore="    if not learn:\n        restore(kept)\n" if plan.draws_always else "",
        aim="optimizer.scale_loss(loss)" if scaled else "loss",
    )
    steering = fit.schedule == "reduce_on_plateau" or fit.early_stopping_patience
    if steering:
        yield from ("", "best, best_epoch, best_weights = None, 0, None", "waited = stalled = 0")
    else:
        yield ""
    yield "for epoch in range(EPOCHS):"
    yield "    places = order(epoch)"
    more = ", weights[places]" if weighted else ""
    yield f"    taken = batches(x_train[places], y_train[places], BATCH_SIZE{more})"
    yield "    logs = measure(taken, learn=True)"
    if plan.validation_samples:
        yield '    logs |= measure(batches(x_train[validation], y_train[validation], 512), part="val_")'
    yield '    report(f"epoch {epoch + 1}", logs)'
    if steering:
        yield from _callback_lines(plan)
    yield ""
    yield 'report("test", measure(batches(x_test, y_test, 512)))'


def _callback_lines(plan: Plan) -> Iterator[str]:
    fit = plan.spec.fit
    better = ">" if metrics.higher_is_better(fit.monitor) else "<"
    keeps = fit.early_stopping_patience and fit.restore_best
    yield f'    now = logs["{fit.monitor}"]'
    yield f"    if best is None or now {better} best:"
    yield "        best, best_epoch, waited, stalled = now, epoch, 0, 0"
    if keeps:
        yield "        best_weights = model.get_weights()"
    yield from ("    else:", "        waited, stalled = waited + 1, stalled + 1")
    if fit.schedule == "reduce_on_plateau":
        factor, least = fit.value("factor"), fit.value("min_lr")
        yield "    rate = float(optimizer.learning_rate)"
        yield f"    if stalled >= {fit.value('patience')} and rate > np.float32({least!r}):"
        yield "        stalled = 0"
        yield f"        optimizer.learning_rate = max(rate * {factor!r}, {least!r})"
    if fit.early_stopping_patience:
        yield f"    if waited >= {fit.early_stopping_patience}:"
        yield "        break"
    if keeps:
        yield "model.set_weights(best_weights)"
