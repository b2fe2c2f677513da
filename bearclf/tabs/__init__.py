"""What a person sees: widgets linked to state, and nothing else."""
