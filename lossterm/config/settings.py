"""The settings of a run, one field and one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
)

from ..catalog import (
    ACTIVATIONS,
    DATASETS,
    MENU_DATASETS,
    OPTIMIZERS,
    SGD,
    Alias,
    Choice,
    DataFile,
    Dataset,
    DeviceName,
    HiddenLayers,
    LossParameters,
    Number,
    Optimizer,
    Setting,
)
from ..catalog.own_loss import LossFile


class RunSettings(BaseModel):
    """What is trained, and how: the fields of `RunConfig`, of which each but the first five is a setting.

    A field's row is in its annotation, and checks what is given for it. To add a setting, add a field here and use it
    where it has its effect.

    Attributes:
        loss, dataset: catalogue names; short names are accepted and stored in full, and so is a loss with parameters
            as it is typed (`huber:delta=2`). A person's own loss is named `FILE.py:FUNCTION`.
        loss_file: where an own loss comes from; None for the catalogue's.
        loss_parameters: every parameter of the loss with its value, sorted by name; a dict is accepted, and what it
            leaves out takes Keras's default.
        data_file: of a person's own dataset, what is known of its file. A dataset may also be given as an entry.
        hidden_layers: the widths of the hidden layers.
        samples, noise, imbalance, train_fraction: how the dataset is made.
        class_weight: "balanced" weights each training row in the loss by the inverse share of its class, as Keras's
            class_weight does.
        outlier_fraction, label_noise: the share of the training targets that is corrupted; the test set stays clean.
            A setting that means nothing on the dataset is 0, or what is fixed there, such as the rows of a real one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss: str
    dataset: str
    loss_file: LossFile | None = None
    loss_parameters: LossParameters = ()
    data_file: DataFile | None = None
    epochs: Annotated[
        int,
        Setting("epochs", Number(1, 1_000_000, whole=True), "epochs", "ep", "epochs", "50 by default."),
    ] = 50
    batch_size: Annotated[
        int,
        Setting(
            "batch_size",
            Number(1, 10_000_000, whole=True),
            "batch size",
            "bs",
            "batch",
            "32 by default.",
            compiled=True,
        ),
    ] = 32
    early_stopping: Annotated[
        int,
        Setting(
            "early_stopping",
            Number(0, 1_000_000, whole=True),
            "early stopping",
            "stop",
            "e.stop",
            "Stop after so many epochs without a lower validation loss, and restore the best weights; 0: never.",
            metavar="PATIENCE",
            panel_if_changed=True,
        ),
    ] = 0
    optimizer: Annotated[
        str,
        Setting(
            "optimizer",
            Choice(tuple(entry.name for entry in OPTIMIZERS.entries), OPTIMIZERS.left_out),
            "optimizer",
            "opt",
            "optim",
            f"{', '.join(entry.name for entry in OPTIMIZERS.entries)}, each with Keras's defaults; sgd by default.",
            metavar="NAME",
            compiled=True,
        ),
    ] = SGD.name
    learning_rate: Annotated[
        float,
        Setting(
            "learning_rate",
            Number(0, 100, open_low=True),
            "learning rate",
            "lr",
            "lr",
            "By default 0.01 for sgd, and Keras's 0.001 for the other optimizers.",
            metavar="X",
            from_optimizer=True,
        ),
    ]
    momentum: Annotated[
        float,
        Setting(
            "momentum",
            Number(0, 0.9999),
            "momentum",
            "mom",
            "mom",
            "Of sgd (0.9 by default) and rmsprop (0 by default).",
            metavar="X",
            from_optimizer=True,
            compiled=True,
        ),
    ]
    weight_decay: Annotated[
        float,
        Setting(
            "weight_decay",
            Number(0, 1),
            "weight decay",
            "wd",
            "w.decay",
            "The share of each weight, times the learning rate, that a step takes away; 0.004 for adamw, else 0.",
            metavar="X",
            from_optimizer=True,
            compiled=True,
        ),
    ]
    hidden_layers: Annotated[
        tuple[int, ...],
        Setting(
            "hidden_layers",
            HiddenLayers(),
            "hidden layers",
            "hid",
            "hidden",
            "The widths of the hidden layers, as 64,32, or none; by default the tutorial's one for the dataset.",
            metavar="N,N",
            from_dataset=True,
            compiled=True,
            alias=Alias(
                "hidden_units",
                Number(1, 65_536, whole=True),
                "One hidden layer, of this width.",
                lambda widths: widths[0] if len(widths) == 1 else None,
            ),
        ),
    ]
    activation: Annotated[
        str,
        Setting(
            "activation",
            Choice(tuple(ACTIVATIONS)),
            "activation",
            "act",
            "activ",
            f"Of the hidden layers, relu by default: {', '.join(ACTIVATIONS)}. All start from He-uniform weights.",
            metavar="NAME",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = "relu"
    dropout: Annotated[
        float,
        Setting(
            "dropout",
            Number(0, 0.99),
            "dropout",
            "drop",
            "dropout",
            "The share of each hidden layer's outputs that a training step leaves out; 0 by default.",
            metavar="X",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = 0.0
    l2: Annotated[
        float,
        Setting(
            "l2",
            Number(0, 100),
            "L2 penalty",
            "l2",
            "l2",
            "Times the sum of squares of the hidden layers' kernels, added to the loss; 0 by default.",
            metavar="X",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = 0.0
    seed: Annotated[
        int,
        Setting(
            "seed",
            Number(0, 2**32 - 1, whole=True),
            "seed",
            "seed",
            "seed",
            "Seeds weights and shuffling, 1 by default; repeats.",
            metavar="S",
            compared=False,
        ),
    ] = 1
    device: Annotated[
        str,
        Setting("device", DeviceName(), "device", "dev", "device", "Where to train.", metavar="NAME", compared=False),
    ] = "auto"
    samples: Annotated[
        int,
        Setting(
            "samples",
            Number(10, 10_000_000, whole=True),
            "samples",
            "n",
            "samples",
            "Rows of the dataset, by default the tutorial's.",
            from_dataset=True,
            compiled=True,
        ),
    ]
    noise: Annotated[
        float,
        Setting("noise", Number(0, 1000), "noise", "noise", "noise", "The dataset's noise.", "X", from_dataset=True),
    ]
    imbalance: Annotated[
        float,
        Setting(
            "imbalance",
            Number(0, 0.98),
            "imbalance",
            "imb",
            "imbal",
            "How unequal the classes are: 0 for as many rows each, 0.9 for 95 % in class 0.",
            "X",
            from_dataset=True,
        ),
    ]
    train_fraction: Annotated[
        float,
        Setting(
            "train_fraction",
            Number(0.001, 0.999),
            "train fraction",
            "train",
            "train",
            "The share of the rows that is trained on.",
            "X",
            from_dataset=True,
            compiled=True,
        ),
    ]
    data_seed: Annotated[
        int,
        Setting(
            "data_seed",
            Number(0, 2**32 - 1, whole=True),
            "data seed",
            "data",
            "d.seed",
            "Seeds the rows of generated data, the split and the corruption, not the run; by default the tutorial's.",
            "S",
            from_dataset=True,
            panel_if_changed=True,
        ),
    ]
    validation_fraction: Annotated[
        float,
        Setting(
            "validation_fraction",
            Number(0, 0.9),
            "validation fraction",
            "valid",
            "valid.",
            "The share of the training rows that is held out: curves show it, and the test set is measured at the end "
            "alone. 0 by default: the test set is the validation set, as in the tutorial.",
            "X",
            compiled=True,
            panel_if_changed=True,
        ),
    ] = 0.0
    outlier_fraction: Annotated[
        float,
        Setting(
            "outlier_fraction",
            Number(0, 0.5),
            "outlier fraction",
            "outl",
            "outlier",
            "The share of the training targets with gross errors.",
            "X",
            tasks=("regression",),
        ),
    ] = 0.0
    label_noise: Annotated[
        float,
        Setting(
            "label_noise",
            Number(0, 1),
            "label noise",
            "lnoise",
            "l.noise",
            "The share of the training labels that are wrong.",
            "X",
            tasks=("binary", "multiclass"),
        ),
    ] = 0.0
    class_weight: Annotated[
        str,
        Setting(
            "class_weight",
            Choice(("none", "balanced")),
            "class weight",
            "cw",
            "cls.wt",
            "none, or balanced: each class has the same weight in the loss, however few its training rows.",
            metavar="NAME",
            tasks=("binary", "multiclass"),
            compiled=True,
            panel_if_changed=True,
        ),
    ] = "none"


def _rows() -> dict[str, Setting]:
    found = (row for field in RunSettings.model_fields.values() for row in field.metadata if isinstance(row, Setting))
    return {row.name: row for row in found}


SETTINGS: dict[str, Setting] = _rows()
"""The rows of the settings by name, in the order of forms, help and exports."""


def applying_settings(dataset: Dataset, optimizer: Optimizer = SGD) -> dict[str, Setting]:
    """The settings that mean something on a dataset and to an optimizer, by name, in the order of forms."""
    return {
        name: setting
        for name, setting in SETTINGS.items()
        if setting.applies_to(dataset) and setting.is_taken_by(optimizer)
    }


def overridden(settings: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that others are given for, by their own name or by their alias."""
    aliases = {row.alias.name: row.name for row in SETTINGS.values() if row.alias is not None}
    given = {aliases.get(name, name) for name, value in by.items() if value is not None}
    return {name: value for name, value in settings.items() if aliases.get(name, name) not in given}


def datasets_that_take(setting: Setting) -> list[str]:
    """The names of the datasets that a setting is for: those of the menu, or others where it is for none of them."""
    takers = [entry for entry in DATASETS if setting.applies_to(entry)]
    in_menu = [entry for entry in takers if entry in MENU_DATASETS]
    return [entry.name for entry in in_menu or takers]
