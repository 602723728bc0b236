"""The model view as frames of cells: what a network does, drawn from its weights. Pure; knows no Textual app."""

from .data_picture import data_frame
from .decision_boundary import decision_boundary_frame
from .errors import errors_frame
from .loss_curve import LossCurve, curve_of_own_loss
from .loss_shape import loss_shape_frame
from .panels import Panel
from .predicted_vs_true import predicted_vs_true_frame

__all__ = [
    "LossCurve",
    "Panel",
    "curve_of_own_loss",
    "data_frame",
    "decision_boundary_frame",
    "errors_frame",
    "loss_shape_frame",
    "predicted_vs_true_frame",
]
