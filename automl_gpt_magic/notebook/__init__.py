"""Stage 6: a plan becomes a panel, a table, a plot, cells and a static rendering."""
