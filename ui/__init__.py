"""The Streamlit app: knowledge bases, assistants and conversations in the browser."""
