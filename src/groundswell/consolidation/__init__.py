"""Many imperfect annotations to one label with an honest probability: one algorithm per file, no server needed."""
