"""How a network of PyTorch is saved: its weights as safetensors, and beside them what builds it again."""

from __future__ import annotations

from string import Template

from .saving import Saving

_IMPORTS = """\
import json
import numpy as np
from safetensors import safe_open
from safetensors.torch import save_file"""
_SAVE = Template("""\
${names}_trained = ${names}_model[-1]
${names}_fitted = [${names}_trained.shape_, ${names}_trained.n_outputs_$scale]
save_file(
    ${names}_trained.network_.state_dict(),
    ${names}_folder / 'model.safetensors',
    metadata={'parameters': json.dumps(${names}_trained.get_params()), 'fitted': json.dumps(${names}_fitted)},
)""")
_SCALE = Template(", ${names}_trained.mean_, ${names}_trained.deviation_")
_LOAD = Template("""\
with safe_open(${names}_folder / 'model.safetensors', framework='pt') as saved:
    about = {name: json.loads(text) for name, text in saved.metadata().items()}
    weights = {name: saved.get_tensor(name) for name in saved.keys()}
model = $kind(**about['parameters'])
$fitted = about['fitted']
model.network_ = model.new_network()
model.network_.load_state_dict(weights)""")
_CLASSES = "model.shape_, model.n_outputs_"
_NUMBERS = "model.shape_, model.n_outputs_, model.mean_, model.deviation_"


def with_safetensors(names: str, *, regression: bool) -> Saving:
    """Return how the model that `TorchFamily.build` writes is saved."""
    kind = f"{names}_{'Regressor' if regression else 'Classifier'}"
    load = _LOAD.substitute(names=names, kind=kind, fitted=_NUMBERS if regression else _CLASSES)
    return Saving(
        file="model.safetensors",
        form="safetensors",
        imports=_IMPORTS,
        save=_SAVE.substitute(names=names, scale=_SCALE.substitute(names=names) if regression else ""),
        load=load if regression else f"{load}\nmodel.classes_ = np.arange(model.n_outputs_)",
        kind=kind,
    )
