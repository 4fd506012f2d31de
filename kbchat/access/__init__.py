"""Who may do what: principals, and the one authorisation table."""
