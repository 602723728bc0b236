"""The Textual front end: one app, its screens and its widgets."""
