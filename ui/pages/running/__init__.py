"""Parts of the pages for whoever runs kbchat: the dashboard and the status."""
