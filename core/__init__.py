"""Numerics and figures of the dashboard; nothing here knows Streamlit."""
