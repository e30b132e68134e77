"""Choice of sites among many, with a proof: knows demand, candidates and reach, nothing else."""
