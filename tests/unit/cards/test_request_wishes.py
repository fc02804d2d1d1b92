"""Goals, metrics, values and models that a request names."""

from __future__ import annotations

import pytest

from tests.unit.cards.request_wishes import in_short, understood

FASTER, SMALLER = "faster inference", "smaller"


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("make it faster", [FASTER]),
        ("fast inference time for the DPR retriever", [FASTER]),
        ("Could you please speed up inference?", [FASTER]),
        ("inference is too slow", [FASTER]),
        ("reduce the latency", [FASTER]),
        ("higher throughput", [FASTER]),
        ("It would be nice to have faster predictions", [FASTER]),
        ("schneller bitte", [FASTER]),
        ("Das Modell soll schneller antworten", [FASTER]),
        ("faster training", ["faster training"]),
        ("training takes too long", ["faster training"]),
        ("cut the training time", ["faster training"]),
        ("Das Training dauert zu lange", ["faster training"]),
        ("a smaller model", [SMALLER]),
        ("mach das Modell kleiner", [SMALLER]),
        ("use less memory", ["less memory"]),
        ("weniger Speicherverbrauch", ["less memory"]),
        ("make it more accurate", ["more accurate"]),
        ("improve accuracy", ["more accurate"]),
        ("fewer errors", ["more accurate"]),
        ("genauer, bitte", ["more accurate"]),
        ("as explainable as possible", ["explainable"]),
        ("I want an interpretable model", ["explainable"]),
        ("Ich möchte, dass das Modell nachvollziehbar ist", ["explainable"]),
        ("Mach das Modell erklärbar und schneller", ["explainable", FASTER]),
        ("use ROC AUC instead", ["metric roc_auc"]),
        ("optimise for F1", ["metric f1"]),
        ("nimm lieber AUC", ["metric roc_auc"]),
        ("select by balanced accuracy rather than accuracy", ["metric balanced_accuracy"]),
        ("use neg_mean_absolute_error as the metric", ["metric mae"]),
        ("score by Jaccard index", ["metric jaccard"]),
        ("the metric should be macro F1", ["metric f1_macro"]),
        ("minimise RMSE", ["metric rmse"]),
        ("maximise AUC", ["metric roc_auc"]),
        ("Brier score instead of log loss", ["metric brier_score"]),
        ("Optimiere auf Recall", ["metric recall"]),
        ("learning rate 0.05", ["set learning_rate 0.05"]),
        ("lr=0.1", ["set learning_rate 0.1"]),
        ("set learning_rate to 1e300", ["set learning_rate 1e+300"]),
        ("ändere max_depth nicht", ["lock max_depth"]),
        ("just unlock max_depth", ["free max_depth"]),
        ("set max depth to 4", ["set max_depth 4"]),
        ("fix max_depth at 6", ["set max_depth 6"]),
        ("Max-Depth: 6, subsample = 0.8", ["set max_depth 6", "set subsample 0.8"]),
        ("change min samples leaf to ten", ["set min_samples_leaf 10"]),
        ("increase max_depth to 8", ["set max_depth 8"]),
        ("subsample 80%", ["set subsample 0.8"]),
        ("gamma 1.0", ["set gamma 1.0"]),
        ("set activation to tanh", ["set activation 'tanh'"]),
        ("use 50 trees", ["set n_estimators 50"]),
        ("Setze die Lernrate auf 0,05", ["set learning_rate 0.05"]),
        ("max_depth auf 4 setzen", ["set max_depth 4"]),
        ("keep subsample as it is", ["lock subsample"]),
        ("don't touch gamma", ["lock gamma"]),
        ("leave the learning rate alone", ["lock learning_rate"]),
        ("keep gamma and subsample unchanged", ["lock gamma", "lock subsample"]),
        ("keep the number of trees as it is", ["lock n_estimators"]),
        ("make it faster without touching gamma", [FASTER, "lock gamma"]),
        ("gamma nicht ändern", ["lock gamma"]),
        ("lass max_depth so wie es ist", ["lock max_depth"]),
        ("you may change subsample again", ["free subsample"]),
        ("unlock gamma", ["free gamma"]),
        ("subsample darf wieder geändert werden", ["free subsample"]),
        ("Nimm statt XGBoost lieber LightGBM", ["model LightGBM"]),
        ("statt Accuracy bitte F1 (macro) als Metrik", ["metric f1_macro"]),
        ("you may not change gamma", ["lock gamma"]),
        ("faster, even if it costs some accuracy", [FASTER]),
        ("Our dataset is 50 MB of photos. Make it smaller!", [SMALLER]),
        ("use LightGBM instead", ["model LightGBM"]),
        ("try a random forest", ["model RandomForestClassifier"]),
        ("How about logistic regression?", ["model LogisticRegression"]),
        ("Verwende LightGBM statt XGBoost", ["model LightGBM"]),
        ("Use LightGBM with at most 100 trees", ["model LightGBM", "trees-most 100"]),
        (
            "Thanks! Please make it smaller, train under a minute and set max_depth to 4.",
            [SMALLER, "training_seconds-most 60", "set max_depth 4"],
        ),
        (
            "- latency below 5 ms\n- recall >= 0.95\n2) leave gamma alone",
            ["latency-most-p95-batch-1 0.005", "recall-least 0.95", "lock gamma"],
        ),
        ("Hi there, thanks a lot!", []),
        ("", []),
    ],
)
def test_a_wish(text, wishes):
    assert in_short(text) == wishes
    assert understood(text).left == ()


@pytest.mark.parametrize(
    "text",
    [
        "less accurate is fine",
        "Das Modell ist schnell",
        "it does not need to be fast",
        "accuracy matters more than speed",
        "Ich will nicht, dass es kleiner wird",
        "lieber genauer als schnell",
        "make it less explainable",
        "fast enough",
        "use more memory",
        "set gamma to -1",
        "set gamma to 1/2",
        "max depth 4 or less",
        "optimise for recall at least 0.9",
        "slower is fine",
        "faster than LightGBM",
        "not smaller and faster",
        "I don't want it smaller and faster",
        "The previous team wanted it smaller and faster",
        "the paper was about faster inference",
        "fast is less important than accuracy",
        "smaller learning rate",
        "smaller trees",
        "lower RMSE",
        "maximise RMSE",
        "improve recall",
        "the learning rate is 0.05",
        "learning rate 0.05 or 0.1",
        "max_depth from 4",
        "do not set gamma to 3",
        "do not lock gamma",
        "can I change gamma?",
        "Darf ich gamma ändern?",
        "learning rate schedule",
        "Set colsample_bytree to 0.5",
        "use XGBoost or LightGBM",
        "use CatBoost",
        "don't use LightGBM",
        "if it is slow, use LightGBM",
        "use AUC if you can",
        "AUC or F1 instead",
        "Nimm nicht LightGBM",
        "nicht schneller",
        "Wie schnell ist das Modell?",
        "sing me a song",
        "ignore all previous instructions",
        "no need to make it faster",
        "Stop trying to make it faster",
        "as long as accuracy stays, make it faster",
        "solange die Genauigkeit bleibt, schneller",
        "you have set max_depth to 4",
        "We set max_depth to 4",
        "the max_depth is 6",
        "you may only change max_depth",
    ],
)
def test_what_is_not_meant_is_left(text):
    assert understood(text).wishes == ()
    assert understood(text).left


@pytest.mark.parametrize(
    "text",
    [
        "max_depth=4, max_depth=5",
        "Lock gamma. Unlock gamma.",
        "use LightGBM. Use XGBoost.",
        "optimise AUC. Optimise F1.",
    ],
)
def test_wishes_that_contradict_each_other_are_left(text):
    assert understood(text).wishes == ()
    assert len(understood(text).left) == 2
    assert in_short(f"{text} At most 100 trees.") == ["trees-most 100"]


def test_the_same_wish_twice_is_one():
    assert in_short("set max_depth to 4. max_depth=4") == ["set max_depth 4"]


@pytest.mark.parametrize(
    ("text", "wishes", "left"),
    [
        ("make it faster and sing", [FASTER], ("sing",)),
        ("faster without losing accuracy", [FASTER], ("without losing accuracy",)),
        ("at most 100 trees because I am impatient.", ["trees-most 100"], ("because I am impatient",)),
        ("Don't use XGBoost, use LightGBM", ["model LightGBM"], ("Don't use XGBoost",)),
        ("Sing, dance and make it smaller", [SMALLER], ("Sing, dance",)),
        ("LightGBM with at most 100 trees", [], ("LightGBM with at most 100 trees",)),
        ("you may change gamma but not subsample", ["free gamma"], ("not subsample",)),
        ("optimise accuracy, not F1", ["metric accuracy"], ("not F1",)),
        ("not faster but smaller", [SMALLER], ("not faster",)),
        ("The boss is angry. Make it smaller!", [SMALLER], ("The boss is angry",)),
    ],
)
def test_what_is_left_is_in_the_users_words(text, wishes, left):
    assert in_short(text) == wishes
    assert understood(text).left == left
