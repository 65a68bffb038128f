"""The lines of an exported script in which layers get the weights of a saved network."""

import json
from collections.abc import Iterator

from tuinn.errors import SpecError
from tuinn.spec.keras_export.network import script_names
from tuinn.spec.keras_export.plan import Plan, starting_places
from tuinn.spec.saved_network.files import kind_of
from tuinn.spec.saved_network.saved_stack import file_of

_OF_LOADED = """

def saved_layer(path):
    \"\"\"A layer of the saved network; of a network within it, after that one's name and a slash.\"\"\"
    found = saved
    for name in path.split("/"):
        found = found.get_layer(name)
    return found


def saved_weights(path):
    return saved_layer(path).get_weights()

"""
_OF_HDF5 = """

def saved_weights(path):
    \"\"\"The weights of a layer in the file; of a network within it, after that one's name and a slash.\"\"\"
    outer, *inner = path.split("/")
    with h5py.File(SAVED) as file:
        group = file["model_weights"][outer]
        names = [name for name in group.attrs["weight_names"] if not inner or inner[-1] in name.split("/")[:-1]]
        return [group[name][()] for name in names]

"""


def is_hdf5(plan: Plan) -> bool:
    """Whether the saved network is an HDF5 file: by its first bytes, or by its name where it isn't here."""
    file = file_of(plan.spec.weights.path)
    try:
        return kind_of(file) == "hdf5"
    except SpecError:
        return file.suffix.lower() in (".h5", ".hdf5")


def open_saved_lines(plan: Plan) -> Iterator[str]:
    """The lines that open the saved network with whose weights layers start; before chance is seeded."""
    if not starting_places(plan.spec):
        return
    path = json.dumps(str(file_of(plan.spec.weights.path)), ensure_ascii=False)
    yield ""
    if is_hdf5(plan):
        yield f"SAVED = {path}  # layers start with its weights"
        yield from _OF_HDF5.split("\n")
    else:
        yield f"saved = keras.saving.load_model({path}, compile=False)  # layers start with its weights"
        yield from _OF_LOADED.split("\n")


def start_lines(plan: Plan) -> Iterator[str]:
    """The lines that give layers the weights of the saved network."""
    names, layers = script_names(plan.spec.model), plan.spec.model.layers
    places = starting_places(plan.spec)
    measured = [at for at in places if layers[at].type_name == "Normalization"]
    plain = {names[at]: layers[at].weights for at in places if not layers[at].layer_type.adapts}
    if plain:
        yield from ("", "# Layers start with the weights of the saved network.")
        yield f"for name, path in {json.dumps(plain)}.items():"
        yield "    model.get_layer(name).set_weights(saved_weights(path))"
    for at in measured:
        path = json.dumps(layers[at].weights)
        known = f"saved_weights({path})[:2]"
        if not is_hdf5(plan):
            known = f"(np.array(part) for part in (saved_layer({path}).mean, saved_layer({path}).variance))"
        yield ""
        yield f'layer = model.get_layer("{names[at]}")'
        yield f"mean, variance = {known}"
        yield "layer.adapt_mean.assign(np.reshape(mean, layer.adapt_mean.shape))"
        yield "layer.adapt_variance.assign(np.reshape(variance, layer.adapt_variance.shape))"
        yield "layer.finalize_state()"
