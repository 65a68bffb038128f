"""Python that decides which layers there are: read as Python does it, or refused with its line."""

import pytest

from tuinn.errors import SpecError
from tuinn.spec.keras_import.source_code import read_source
from tuinn.spec.layers.catalog import LayerSpec

HEAD = "import json, os, random, sys\nimport keras\nfrom keras.layers import Dense, Dropout, Lambda\n"
MODEL = "model = keras.Sequential([Dense(units), Dense(1)])"
CALLED = """
class Net(keras.Model):
    def __init__(self, units=64, *more, rate=0.5):
        super().__init__()
        self.first, self.drop = Dense(units), Dropout(rate)
        self.last = Dense(3)
    def call(self, x, training=False):
        x = self.first(x)
        {}
        return self.last(x)
model = Net()
"""

READ = {
    ":= in a comprehension names what comes after it": (
        "i = x = keras.Input((20,))\n[x := Dense(u)(x) for u in (64, 32)]\nm = keras.Model(i, Dense(10)(x))",
        [64, 32, 10],
    ),
    "a star in the target of a loop takes a list": (
        "m = keras.Sequential()\nfor u, *more in [(64, 32, 16), (8,)]:\n  m.add(Dense(u))\n"
        "  for k in more: m.add(Dense(k))",
        [64, 32, 16, 8],
    ),
    "else of a while": (
        "m, n = keras.Sequential(), 2\nwhile n:\n  m.add(Dense(8)); n -= 1\nelse:\n  m.add(Dense(1))",
        [8, 8, 1],
    ),
    "an attribute of a class is set": (f"class C:\n  u = 64\nC.u = 128\nunits = C.u\n{MODEL}", [128, 1]),
    "the fields of a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n  units: int = 64\n  n: int = 2\n"
        "  def __post_init__(self): self.twice = 2 * self.n\n"
        "c, d = C(units=128), C(32, n=4)\n"
        "m = keras.Sequential([Dense(k) for k in (c.units, c.n, d.units, d.n, d.twice)])",
        [128, 2, 32, 4, 8],
    ),
    "a decorator of the code's own": (
        "def twice(f):\n  def g(x): return f(f(x))\n  return g\n@twice\ndef block(x): return Dense(4)(x)\n"
        "i = keras.Input((4,))\nm = keras.Model(i, block(i))",
        [4, 4],
    ),
    "a decorator of the code's own on a method": (
        "def twice(f):\n  def g(self, x): return f(self, f(self, x))\n  return g\nclass C:\n  @twice\n"
        "  def block(self, x): return Dense(4)(x)\ni = keras.Input((4,))\nm = keras.Model(i, C().block(i))",
        [4, 4],
    ),
    "what is deleted from lists and dicts": (
        "u, d = [1, 2, 3, 4], {'a': 5, 'b': 6}\ndel u[0], d['a'], u[1:]\n"
        "m = keras.Sequential([Dense(k) for k in (*u, *d.values())])",
        [2, 6],
    ),
    "finally after return and continue": (
        "def f(m):\n  try:\n    return m.add(Dense(1))\n  finally:\n    m.add(Dense(2))\nm = keras.Sequential()\nf(m)\n"
        "for k in (3, 4):\n  try:\n    m.add(Dense(k)); continue\n  finally:\n    m.add(Dense(9))",
        [1, 2, 3, 9, 4, 9],
    ),
    "errors in groups": (
        "m = keras.Sequential()\ntry:\n  m.add(Dense(3))\nexcept* ValueError:\n  pass\nm.add(Dense(4))",
        [3, 4],
    ),
    "a named argument of a lambda": (
        "f = lambda u, *, more=1: Dense(u + more)\nm = keras.Sequential([f(3), f(4, more=2)])",
        [4, 6],
    ),
    "what a loop gives values to": (
        "class C: pass\nc, u, n = C(), [1], 1\ndef f():\n  global n\n  for n in (3, 4): pass\nf()\n"
        "for c.u in (5, 6): pass\nfor u[0] in (7, 8): pass\nm = keras.Sequential([Dense(k) for k in (n, c.u, u[0])])",
        [4, 6, 8],
    ),
    "lists and dicts that are changed under another name": (
        "u, d = [1], {'a': 5}\nv, e = u, d\nu *= 2\nu += [3]\nd |= {'b': 6}\n"
        "m = keras.Sequential([Dense(k) for k in (*v, *e.values())])",
        [1, 1, 3, 5, 6],
    ),
    "the body of a class": (
        "class C:\n  u = 1\n  u += 4\n  if u > 2: v = 7\n  class D: w = 8\n"
        "m = keras.Sequential([Dense(k) for k in (C.u, C.v, C.D.w)])",
        [5, 7, 8],
    ),
    "defaults of methods": (CALLED.format("pass"), [64, 3]),
    "a layer for the training alone": (
        CALLED.format("if training: x = self.drop(x, training=training)"),
        [64, None, 3],
    ),
}

REFUSED = {
    "one of two definitions": (
        "if sys.argv[1]:\n  def f(): return Dense(64)\nelse:\n  def f(): return Dense(32)\n"
        "m = keras.Sequential([f(), Dense(1)])"
    ),
    "one of two classes": (
        f"if sys.argv[1]:\n  class C: u = 64\nelse:\n  class C: u = 32\nunits = C.u\n{MODEL}"
    ),
    "** of what isn't known": (f"def f(units=64): return units\nunits = f(**json.load(open('x')))\n{MODEL}"),
    "* of what isn't known": (
        f"def f(a=1, units=64): return units\nunits = f(*json.load(open('x')))\n{MODEL}"
    ),
    "a key that isn't known": f"units = {{'a': 1}}.get(sys.argv[1], 64)\n{MODEL}",
    "how often something unknown is there": f"units = 1 + ['a'].count(sys.argv[1])\n{MODEL}",
    "a list in a dict is shuffled": (
        "c = {'u': [64, 32]}\nrandom.shuffle(c['u'])\nm = keras.Sequential([Dense(u) for u in c['u']])"
    ),
    "a list of another scope is shuffled": (
        "u = [64, 32]\ndef f(): random.shuffle(u)\nf()\nm = keras.Sequential([Dense(k) for k in u])"
    ),
    "a global name is set, perhaps": (
        f"units = 64\ndef f():\n  global units\n  units = 128\nif sys.argv: f()\n{MODEL}"
    ),
    "an attribute of a layer that nobody knows": (
        "m = keras.Sequential([Dense(8)])\nif m.layers[0].is_wide: m.add(Dense(4))"
    ),
    "a name in a pattern": f"units, k = 3, ('a', 7)\nmatch k:\n  case ('a', units): pass\n{MODEL}",
    "a list that grows in its own loop": (
        "u = [1]\nfor k in u:\n  if k < 4: u.append(k + 1)\nm = keras.Sequential([Dense(k) for k in u])"
    ),
    "something is deleted, perhaps": (
        "u = [1, 2]\nif sys.argv: del u[0]\nm = keras.Sequential([Dense(k) for k in u])"
    ),
    "the order of a set": "m = keras.Sequential([Dense(u) for u in {k for k in (64, 64)}])",
    "a layer with weights for the training alone": CALLED.format("if training: x = Dense(5)(x)"),
    "another way in training": CALLED.format("if training: return self.last(self.drop(x))"),
}


def units(layer: LayerSpec) -> object:
    return layer.options.get("units")


@pytest.mark.parametrize(("code", "wanted"), READ.values(), ids=READ.keys())
def test_it_is_read_as_python_does_it(code: str, wanted: list[int | None]) -> None:
    assert [units(layer) for layer in read_source(HEAD + code).layers] == wanted


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED.keys())
def test_what_only_running_it_would_tell_is_refused(code: str) -> None:
    with pytest.raises(SpecError) as problem:
        read_source(HEAD + code)
    assert problem.value.path.startswith("line ")


def test_a_learning_rate_set_on_the_optimizer_is_the_one() -> None:
    code = "o = keras.optimizers.Adam()\no.learning_rate = 0.5\nm = keras.Sequential([Dense(1)])\nm.compile(o, 'mse')"
    assert read_source(HEAD + code).fit["learning_rate"] == 0.5


def test_pooled_places_that_an_old_function_keeps_are_kept() -> None:
    code = "import tensorflow as tf\ni = keras.Input((8, 8, 3))\nm = keras.Model(i, tf.reduce_mean(i, [1, 2], keep_dims=True))"
    assert read_source(HEAD + code).layers[0].options["keepdims"] is True


def test_a_setting_that_is_a_function_is_said_in_plain_words() -> None:
    code = "m = keras.Sequential([Dense(1)])\nm.compile(keras.optimizers.Adam(lambda: 0.1), 'mse')"
    notes = [note.text for note in read_source(HEAD + code).notes if note.kind == "left out"]
    assert notes == ["learning_rate is a function, and that isn't known here"]
