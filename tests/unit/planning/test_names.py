from automl_gpt_magic.planning.names import prefix_for


def test_a_title_becomes_an_identifier():
    assert prefix_for("UCI Adult (1994)") == "uci_adult_1994"


def test_titles_without_letters_digits_first_and_keywords_are_identifiers_too():
    assert [prefix_for(title) for title in ("日本", "2024 sales", "class")] == ["task", "data_2024_sales", "data_class"]


def test_a_prefix_that_any_name_uses_is_avoided():
    assert prefix_for("UCI Adult", ["uci_adult_rows"]) == "uci_adult_2"
    assert prefix_for("UCI Adult", ["uci_adult", "uci_adult_2_model"]) == "uci_adult_3"
    assert prefix_for("UCI Adult", ["uci_adultery"]) == "uci_adult"
