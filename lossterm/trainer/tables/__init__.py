"""A person's own data: the file as a table, the roles of its columns, the split, and the features that are trained on.

Read in trainers and in the tool `describe` alone. Everything follows from the file and a `DataFile`, so that a trainer
makes the same rows again from what a run's config says.
"""
