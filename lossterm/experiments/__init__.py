"""Sets of runs that are trained to be compared: presets, and the ranking of what they gave."""
