"""Problem 2: composition kernels and arc-cosine kernels."""
