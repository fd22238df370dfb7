"""Serve the app: ``python -m deploy [--host HOST] [--port PORT]``, from the root of the repository."""

import argparse
import signal
import sys
from typing import Any

import uvicorn

from deploy.asgi import app  # before uvicorn is set up: with its options, Streamlit turns the log of requests on
from deploy.protocol import Protocol

SETTINGS: dict[str, Any] = {
    "access_log": False,
    "proxy_headers": False,  # who asks is nobody's business, and not the log's
    "ws": Protocol,
    "ws_max_size": 1_000_000,  # bytes, as server.maxWidgetStateSize: what is larger is not even read
    # as in `streamlit run`; compressing messages would cost more time than it saves
    "ws_per_message_deflate": False,
    "ws_ping_interval": 30.0,
    "ws_ping_timeout": 30.0,
    "timeout_keep_alive": 75,  # seconds, more than nginx's 60: it must not write into a connection that closes
    "timeout_graceful_shutdown": 5,  # seconds; open sessions would hold a restart for ever
}
"""What uvicorn is told besides address and port."""


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description="Serve the app.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on")
    arguments = parser.parse_args()
    # uvicorn ends with the signal that it got, which by itself would leave temporary folders behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # uvicorn opens the port itself: on a socket handed to it, small answers would wait 40 ms for an acknowledgement
    uvicorn.run(app, host=arguments.host, port=arguments.port, **SETTINGS)


if __name__ == "__main__":
    main()
