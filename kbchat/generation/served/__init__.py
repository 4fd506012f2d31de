"""Language models behind an address that the settings name."""
