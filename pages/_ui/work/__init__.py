"""Long computations: worker processes, the queue before them, and the results that are kept."""
