"""Numerics and figures of the dashboard; nothing here knows Streamlit."""

import os

# The matrices here are small: more threads of linear algebra than one cost up to ten times what they bring. This has to
# be said before numpy is loaded; who has set the variable wins.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
