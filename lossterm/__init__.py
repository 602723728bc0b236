"""lossterm: train a Keras model with one of seven losses in the terminal, and compare the losses."""

__version__ = "0.1.0"
