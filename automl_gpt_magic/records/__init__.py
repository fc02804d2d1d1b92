"""The nouns of the project: frozen records without input, output or heavy imports."""
