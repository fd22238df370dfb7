"""The sections of problem 1's page, one module each."""
