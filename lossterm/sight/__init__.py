"""The model view as frames of cells: what a network does, drawn from its weights. Pure; knows no Textual app."""

from .panel import Panel

__all__ = ["Panel"]
