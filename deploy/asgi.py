"""The app for an ASGI server that is started from the root of the repository: ``deploy.asgi:app``."""

import pkgutil
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import core
from deploy.doors import Doors
from deploy.uploads import Budget, forgetting, kept_bytes
from pages._ui import runs

ROOT = Path(__file__).resolve().parents[1]


def _load_core() -> None:
    """Import all that computes and draws, so that a server is not asked for pages before it has it."""
    for module in pkgutil.walk_packages(core.__path__, "core."):
        import_module(module.name)


app = st.App(ROOT / "app.py", middleware=[Middleware(Doors, budget=Budget(kept_bytes))], lifespan=forgetting)

# The app has to exist before any option is touched, or else config.toml is not found from elsewhere. Variables
# STREAMLIT_* have no effect under an ASGI server, but for secrets such as STREAMLIT_SERVER_COOKIE_SECRET.
st.set_option("client.showErrorDetails", "none")

runs.warm_up()  # the workers start while this process loads
_load_core()
