"""Code recipes: plain pandas, scikit-learn and XGBoost source for each cell of a plan."""
