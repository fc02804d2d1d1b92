"""Stage 5: evidence, recipes and an answer become a plan and the code of its cells."""
