"""Widgets that know no store and no process: the app tells them what to show."""
