# Test: score Small Adult once, after all choices are made; the test rows are read nowhere else.
task_test = adult_test.dropna(subset=['income'])
task_test_scores = task_scores(task_model, task_test, task_target(task_test))
print('test:', {name: round(score, 4) for name, score in task_test_scores.items()})
