"""How right predicted curves are, against simpler ways to predict them."""
