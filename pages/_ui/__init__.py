"""What the pages share; with them, the only code that knows Streamlit."""
