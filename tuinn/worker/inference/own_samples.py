"""What the network says of samples from outside: a picture, rows of a table, texts."""

from pathlib import Path

from tuinn.data.info import DatasetInfo
from tuinn.data.predictions import save_picture
from tuinn.data.tables.preprocess import preprocess_rows
from tuinn.errors import SpecError
from tuinn.runs.commands import Predict, PredictSamples
from tuinn.runs.events import PictureAnswered, SamplesAnswered
from tuinn.spec.dataset import DataFacts
from tuinn.spec.training.outputs import none_if_not_finite
from tuinn.worker.data.own_file import prepared_file
from tuinn.worker.inference.likeness import Likeness, TrainingLikeness
from tuinn.worker.model.network import Network


def answer_picture(
    question: Predict,
    network: Network,
    info: DatasetInfo,
    pictures: Path,
    likeness: TrainingLikeness | None = None,
) -> PictureAnswered:
    """The network's outputs for the picture or the array, whose pixels are kept in `pictures`; or the problem with it."""
    try:
        picture = prepared_file(question.file, info, question.switched)
    except SpecError as error:
        return PictureAnswered(request=question.request, file=question.file, problem=error.message)
    outputs = network.outputs(picture.pixels[None], batch=1)[0]
    like = likeness.judge(picture.pixels, outputs) if likeness and info.facts.is_image else Likeness()
    pixels = nearest = ""
    try:
        if info.facts.is_image:
            pixels = save_picture(pictures, question.request, picture.pixels)
        if like.nearest is not None:
            nearest = save_picture(pictures, f"{question.request} nearest", like.nearest)
    except OSError:
        pass  # the answer counts without them
    return PictureAnswered(
        request=question.request,
        file=question.file,
        outputs=none_if_not_finite(outputs),
        steps=picture.steps,
        pixels=pixels,
        unlike=like.unlike,
        nearest=nearest,
    )


def answer_samples(
    question: PredictSamples, network: Network, facts: DataFacts, batch: int
) -> SamplesAnswered:
    """The network's outputs for rows or texts, or the problem with them."""
    try:
        samples = preprocess_rows(question.samples, facts)
    except SpecError as error:
        return SamplesAnswered(request=question.request, problem=error.message)
    outputs = network.outputs(samples, batch)
    return SamplesAnswered(
        request=question.request, outputs=tuple(none_if_not_finite(sample) for sample in outputs)
    )
