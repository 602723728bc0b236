"""A run as a Python script: plain Keras that needs no lossterm, and gives the run's scores.

A script is made of sections, each with the imports that it needs. What a section says is written for this one run:
numbers, names and steps that do nothing are left out.
"""

from .program import Script, write_script
from .section import NoScriptError

__all__ = ["NoScriptError", "Script", "write_script"]
