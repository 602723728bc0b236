"""The model view as frames of cells: what a network does, drawn from its weights. Pure; knows no Textual app."""

from .boundary import boundary_frame
from .fit import fit_frame
from .loss_view import loss_frame
from .panel import Panel

__all__ = ["Panel", "boundary_frame", "fit_frame", "loss_frame"]
