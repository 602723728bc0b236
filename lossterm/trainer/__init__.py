"""The process that trains: the only room with TensorFlow, Keras and scikit-learn."""
