"""Seeing to it that trainers live, and running what else needs TensorFlow in processes of their own."""
