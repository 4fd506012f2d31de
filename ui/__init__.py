"""The screen: a Streamlit app over the services. ``app`` navigates, ``bootstrap`` wires, ``serving`` starts the server."""
