"""lossterm: train a Keras model with a loss of your choice in the terminal, and compare losses."""

__version__ = "0.1.0"
