"""The sections of problem 2's page, one module each."""
