"""A file from outside as a sample of the data: a picture, or one sample of an array."""

from collections.abc import Collection

from tuinn.data.arrays.preprocess import OwnArray, array_reference
from tuinn.data.images.preprocess import PreparedImage, preprocess_image
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError


def prepared_file(file: str, info: DatasetInfo, switched: Collection[str] = ()) -> PreparedImage:
    """The sample, `facts.shape`, and how it was prepared. `x.npy[3]` is sample 3 of an array, from 0.

    Raises SpecError for a file that can't be used.
    """
    if (found := array_reference(file)) is None:
        return preprocess_image(file, info, switched)
    path, at = found
    array = OwnArray.open(path, info.facts)
    sample = array.sample(at)
    if problem := array.problem(sample):
        raise SpecError(f"{path.name}: {problem}")
    note = array.range_note(sample)
    return PreparedImage(sample, (f"sample {at} of {array.count:,}", *([note] if note else [])))
