"""The widget: one script and one page, served as they are."""
