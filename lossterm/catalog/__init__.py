"""What can be trained, as frozen data: losses, datasets, tasks, optimizers, settings. Imports nothing heavy."""

from .dataset import Dataset, DatasetDescription
from .datasets import DATASETS, MENU_DATASETS, dataset_named
from .loss import NOT_COMPARABLE, Loss, LossDescription, Note, Parameter
from .losses import LOSSES, MENU_LOSSES, loss_named
from .optimizers import OPTIMIZERS, SGD, Optimizer
from .outputs import OutputCoding, OutputLayer
from .pairing import (
    PairingError,
    all_notes,
    brief_refusal,
    fitting_dataset,
    fitting_losses,
    notes,
    output_layer,
    pairings,
    refusal,
    shared_notes,
)
from .registry import Registry, UnknownNameError
from .settings import DeviceName, HiddenLayers, Number, Setting
from .tasks import TASKS, Metric, Task

__all__ = [
    "DATASETS",
    "LOSSES",
    "MENU_DATASETS",
    "MENU_LOSSES",
    "NOT_COMPARABLE",
    "OPTIMIZERS",
    "SGD",
    "TASKS",
    "Dataset",
    "DatasetDescription",
    "DeviceName",
    "HiddenLayers",
    "Loss",
    "LossDescription",
    "Metric",
    "Note",
    "Number",
    "Optimizer",
    "OutputCoding",
    "OutputLayer",
    "PairingError",
    "Parameter",
    "Registry",
    "Setting",
    "Task",
    "UnknownNameError",
    "all_notes",
    "brief_refusal",
    "dataset_named",
    "fitting_dataset",
    "fitting_losses",
    "loss_named",
    "notes",
    "output_layer",
    "pairings",
    "refusal",
    "shared_notes",
]
