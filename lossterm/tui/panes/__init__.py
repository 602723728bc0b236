"""The panes of the main screen: each owns its keys and what it shows, gets data down and posts messages up."""
