"""The sections of problem 3's page, one module each."""
