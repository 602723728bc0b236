"""What can be trained, as frozen data: losses, datasets, tasks, optimizers, settings. Imports nothing heavy."""

from .activations import ACTIVATIONS
from .data_file import DataChoices, DataFile
from .dataset import Dataset, DatasetDescription
from .datasets import DATASETS, MENU_DATASETS, dataset_named
from .loss import NOT_COMPARABLE, Loss, LossDescription, Note, Parameter
from .loss_parameters import (
    PARAMETERS,
    LossParameters,
    changed_parameters,
    loss_as_typed,
    parameter_settings,
    parse_loss,
    read_parameters,
)
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
from .settings import NO_LAYERS, Alias, Choice, DeviceName, HiddenLayers, Number, Setting, option_of
from .tasks import TASKS, Metric, Task

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "LOSSES",
    "MENU_DATASETS",
    "MENU_LOSSES",
    "NOT_COMPARABLE",
    "NO_LAYERS",
    "OPTIMIZERS",
    "PARAMETERS",
    "SGD",
    "TASKS",
    "Alias",
    "Choice",
    "DataChoices",
    "DataFile",
    "Dataset",
    "DatasetDescription",
    "DeviceName",
    "HiddenLayers",
    "Loss",
    "LossDescription",
    "LossParameters",
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
    "changed_parameters",
    "dataset_named",
    "fitting_dataset",
    "fitting_losses",
    "loss_as_typed",
    "loss_named",
    "notes",
    "option_of",
    "output_layer",
    "pairings",
    "parameter_settings",
    "parse_loss",
    "read_parameters",
    "refusal",
    "shared_notes",
]
