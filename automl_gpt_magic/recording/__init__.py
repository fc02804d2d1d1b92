"""Recording of XGBoost runs on public datasets, the experience that recommendations are drawn from."""
