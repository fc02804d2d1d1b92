"""The words of requests in English and German, by what they say. Phrases are divided by ``|``."""

from __future__ import annotations

from collections.abc import Mapping

# Say nothing of their own.
_FILLER = """
something|anything|stakeholders|managers|manager|boss|team|analysts|kollegen|chef|chefin|leute|the|this|these|it|its|
my|our|your|i|we|you|me|please|pls|kindly|thanks|thank you|thx|many thanks|thanks a lot|could you|can you|would you|
will you|could we|can we|would like|would be nice|would be great|would be good|would prefer|would appreciate|
i'd like|we'd like|i'd|we'd|will|should|shall|must|want|wants|wish|need|needs|like|love|prefer|be|being|have|having|
has to|have to|so|also|really|very|much|a lot|a bit|a little|slightly|even|as|possible|here|there|hi|hello|hey|dear|
ok|okay|well|maybe|perhaps|for|of|is important|are important|important|that|which|is|are|has|takes|taking|runs|run|
running|uses|become|becomes|stay|stays|remain|remains|kept|done|finish|finishes|finished|complete|completed|sure|
ensure|certain|total|in total|altogether|overall|number of|the number of|count of|quickest|end|let's|let us|it's|
that's|to be|value of|a value of|on this machine|on this computer|on disk|on my machine|me please|time|times|things|
wishes|requirements|requirement|point|target|goal|aim|ideally|preferably|simply|now|next|der|die|das|den|dem|des|
dieser|diese|dieses|es|sie|er|ich|wir|du|mir|uns|dir|bitte|danke|vielen dank|danke schoen|kannst du|koenntest du|
koennen wir|koennten wir|koennen sie|koennten sie|wuerdest du|ich haette gern|ich haette|haette gern|soll|sollen|
sollte|sollten|muss|muessen|moechte|moechten|wollen|wuensche|brauche|brauchen|werden|wird|sein|haben|hat|ist|sind|
auch|einfach|wirklich|sehr|viel|etwas|ein bisschen|ein wenig|noch|again|wieder|erneut|weiter|moeglichst|wie moeglich|
hier|hallo|mal|doch|vielleicht|gern|gerne|fuer|von|vom|dass|dauern|dauert|braucht|benoetigen|benoetigt|bleiben|
bleibt|lang|lange|insgesamt|wichtig|ist wichtig|mein|meine|meinem|meinen|unser|unsere|unserem|unseren|zum|zur|zu|im|
am|beim|dabei|dann noch|anzahl der|anzahl an|die anzahl der|zahl der|auf diesem rechner|auf diesem computer|
guten tag|waere schoen|waere gut|waere toll|waere super|waere schoen , wenn|waere gut , wenn|waere toll , wenn|waere|
wuerde gern|wuerde gerne|nutzer|kunden|users|customers|people|liebe gruesse|viele gruesse|gruesse|sicher|
stelle sicher|zeit|ein|eine|einen|einem|einer|eines|a|an
"""
# As those, but what begins with them is a wish of its own.
_VERB = """
make|get|give|gimme|let|provide|build|create|grow|do it|mach|mache|machen|macht|gib|baue|sorge dafuer|achte darauf|
make sure|ensure that|i want|i need|we need|we want|ich will|ich moechte|ich brauche|wir brauchen|wir wollen
"""
_MODELNOUN = """
model|models|classifier|classifiers|regressor|regressors|retriever|ranker|reranker|detector|image classifier|
text classifier|encoder|predictor|learner|ensemble|ensembles|booster|pipeline|network|networks|net|nets|modell|
modells|modelle|klassifikator|netz|netzes|netzwerk|estimator model
"""
# Known, and never part of a request that is understood.
_BLOCK = """
slower|slow|slowest|bigger|larger|large|largest|worse|worst|longer|shorter|by|per|about|around|roughly|approximately|
almost|nearly|between|from|or|and a half|twice|double|half|times as|other|another|old|new|second|first|previous|
untrained|inaccurate|unexplainable|inexplicable|langsamer|langsam|groesser|schlechter|laenger|kuerzer|oder|pro|je|
etwa|ungefaehr|circa|ca|rund|fast so|zwischen|doppelt|halb|anderer|andere|anderes|alte|altes|neue|neues|mean latency|
average latency|expected|fewest|latest|trainer|inferior|accurately labelled|smallish|enough rows|enough data|
predictor variable|lesson|master|factor|tester|lessons
"""
# A sentence with these tells about data, the past or the present, and asks for nothing.
_TELL = """
was|were|had|did|took|got|used|said|already|currently|yesterday|previously|formerly|last|ago|paper|papers|article|
dataset|datasets|data|table|images|image|photo|photos|picture|pictures|video|videos|plot|plots|hectare|hectares|
acres|park|parks|garden|gardens|orchard|orchards|species|planted|village|villages|column|columns|feature|colleague|
competitor|competition|baseline|benchmark|so far|until now|war|waren|hatte|hatten|gestern|bereits|schon|bisher|
derzeit|aktuell|momentan|zuletzt|daten|datensatz|datensaetze|trainingsdaten|testdaten|tabelle|spalte|spalten|bild|
bilder|foto|fotos|artikel|kollege|garten|gaerten|hektar
"""
# Of these, the ones that are data: what is said of them is no wish.
_DATA = """
data dataset datasets table images photos pictures videos daten datensatz tabelle bilder fotos
"""
DATA = frozenset(_DATA.split())
# What follows holds only under a condition.
_CONDITION = """
if|unless|when|whenever|whether|except|until|suppose|assuming|provided that|as long as|otherwise|would|wenn|falls|
sobald|sofern|solange|
ausser|es sei denn|ob|sonst|andernfalls|wuerde|wuerden
"""
_NEGATION = """
no|not|never|don't|dont|doesn't|doesnt|isn't|isnt|aren't|won't|can't|cant|cannot|couldn't|shouldn't|mustn't|needn't|
do not|must not|should not|may not|can not|without|avoid|neither|nor|none|nothing|hardly|stop|nicht|kein|keine|
keinen|keinem|keiner|nie|niemals|ohne|weder|noch nie|kaum|vermeide|nichts
"""

PHRASES: Mapping[str, str] = {
    "FILLER": _FILLER,
    "VERB": _VERB,
    "MODELNOUN": _MODELNOUN,
    "BLOCK": _BLOCK,
    "TELL": _TELL,
    "CONDITION": _CONDITION,
    "NEGATION": _NEGATION,
    # Where a part of a sentence ends.
    "COMMA": ",|(|)|[|]|–|—|…",
    "AND": "and|und|plus|&|as well as|sowie",
    "BUT": """
        but|yet|however|aber|jedoch|sondern|while keeping|while staying|while still|whilst|then|dann|and then|danach""",
    "WITH": "with|mit|having at|using",
    "PURPOSE": """
        because|since|as it|so that|in order to|to keep|to make|to stay|to save|weil|denn|da wir|da ich|damit|sodass|
        so dass|um""",
    # What may be lost for a wish, and what must not.
    "CONCESSION": """
        even if|even though|even at the cost|at the cost of|at the expense of|auch wenn|selbst wenn|auf kosten""",
    "RESERVATION": """
        without losing|without hurting|without sacrificing|without a loss|without loss|without much loss|
        without giving up|without reducing|without decreasing|without lowering|with the same|at the same|at equal|
        regardless|whatever|egal|ohne dass|ohne verlust|ohne einbussen|bei gleicher|bei gleichbleibender|
        bei gleich guter""",
    "STOP": ".|;|!|?|\n",
    "COLON": ":",
    # How a number bounds.
    "MOST": """
        at most|at maximum|at the most|up to|max|maximum|maximum of|a maximum of|maximal|upper limit|not exceeding|
        no later than|limited to|capped at|capped to|upper bound|ceiling|hoechstens|maximale|maximaler|bis zu|
        begrenzt auf|<=|≤|tops|at max|or less|or fewer|or lower|or below|or faster|or quicker|oder weniger|
        oder schneller|oder kleiner|or smaller|nicht ueber|not over|not above|not beyond|obergrenze""",
    "LESS": """
        under|below|less than|fewer than|lower than|smaller than|shorter than|lighter than|<|unter|weniger als|
        kleiner als|kuerzer als|niedriger als|geringer als|unterhalb|unterhalb von|leichter als""",
    "LEAST": """
        at least|minimum|min|minimum of|a minimum of|no less than|>=|≥|or more|or higher|or better|or above|
        mindestens|wenigstens|oder mehr|oder besser|oder hoeher|nicht unter|lower bound|lower limit""",
    "MORE": """
        more than|greater than|higher than|larger than|bigger than|above|over|>|longer than|beyond|heavier than|
        mehr als|hoeher als|groesser als|laenger als|ueber|oberhalb von""",
    "FASTER_THAN": "faster than|quicker than|schneller als",
    "SLOWER_THAN": "slower than|langsamer als",
    "BETTER_THAN": "better than|besser als",
    "EXCEED": "exceed|exceeds|surpass|go over|go above|go beyond|uebersteigen|ueberschreiten",
    "FALL": "drop below|fall below|go below|drop under|fall under|get below|sink below|unterschreiten",
    "WITHIN": "within|innerhalb von|innerhalb|binnen",
    "IN": "in|into",
    "TO": "to|at|auf|bei|down to",
    "ENOUGH": """
        enough|are enough|is enough|suffice|suffices|should suffice|reichen|reicht|genuegen|genuegt|sind genug|
        is plenty|are plenty""",
    "ONLY": "only|just|nur|lediglich|solely",
    "CAP": "limit|cap|restrict|begrenze|begrenzen|beschraenke|beschraenken|limitiere",
    "PERCENT": "%|percent|per cent|prozent",
    "KILO": "k",
    "EQUALS": "=|equals|equal to|gleich",
    # What is limited or preferred.
    "TRAIN": """
        train|training|trained|trains|fitting|training time|training duration|training run|training phase|fine tune|
        fine tuning|finetuning|trainieren|trainiere|trainiert|trainings|trainingszeit|trainingsdauer|trainingslauf|
        time to train|training - time|trainings zeit""",
    "FIT": "fit|fits|passen|passt|reinpassen|hineinpassen",
    "LATENCY": """
        im betrieb|in production|at runtime|in operation|at inference time|zur laufzeit|inference|inference time|
        inference latency|inferencing|predict|predicts|predicting|prediction|predictions|prediction time|
        prediction latency|latency|latencies|response|responses|response time|answer|answers|answering|respond|
        responds|inferenz|inferenzzeit|latenz|latenzzeit|antwort|antworten|antwortet|antwortzeit|antwortzeiten|
        vorhersage|vorhersagen|vorhersagezeit|vorherzusagen|reaktionszeit|prediction speed|inference speed|
        speed of inference|inferenzgeschwindigkeit|vorhersagegeschwindigkeit""",
    "THROUGHPUT": "throughput|durchsatz",
    "SPEED": "speed|tempo|geschwindigkeit",
    "SIZED": """
        size|model size|file size|footprint|model file|file|artifact|artefact|disk size|weight|weights file|
        modellgroesse|dateigroesse|groesse|modelldatei|datei|weigh|weighs|wiegen|disk space|speicherplatz|
        size of file""",
    "MEMORY": """
        memory|ram|peak memory|memory usage|memory use|memory footprint|memory consumption|peak ram|ram usage|
        peak memory usage|arbeitsspeicher|hauptspeicher|speicher|speicherverbrauch|speicherbedarf|spitzenspeicher|
        memory peak|speicherspitze""",
    "DURING": """
        while training|during training|during the training|when training|for training|at training time|
        while it trains|beim training|waehrend des trainings|im training|zum training|zum trainieren|beim trainieren""",
    "ERRORS": "error|errors|mistakes|fehler|error rate|fehlerrate|fehlerquote",
    "PER": """
        per prediction|per row|per request|per sample|per example|per image|per record|per call|per query|
        a prediction|each prediction|each row|every prediction|for each prediction|for one row|for a single row|
        for a single prediction|for one prediction|a row|a request|/ row|/ prediction|/ request|/ sample|per item|
        pro vorhersage|je vorhersage|pro zeile|je zeile|pro anfrage|je anfrage|pro beispiel|pro bild|fuer eine zeile|
        fuer eine vorhersage|jede vorhersage|/ vorhersage|/ zeile|/ anfrage""",
    "BATCH": """
        at batch|at batch size|at a batch size of|with batch size|with a batch size of|in batches of|at batches of|
        for batches of|for a batch of|with batches of|with a batch of|at a batch of|per batch of|batch size|
        for batch size|bei batch|bei batchgroesse|bei batch size|bei einer batchgroesse von|mit batchgroesse|
        mit batch|in batches zu|in batches von|fuer batches von|fuer einen batch von|batchgroesse""",
    "ROWS": "rows|row|samples|examples|records|requests|zeilen|anfragen|beispiele|rows at once",
    # What is to get better.
    "FAST": """
        fast|faster|quick|quicker|quickly|fastest|snappy|snappier|speed up|speed it up|accelerate|speedier|speedup|
        schnell|schneller|schnelle|schnelleres|schnellere|schnellerer|schnelles|schnellen|schnelleren|
        schneller laufen|beschleunige|beschleunigen|flott|flotter|rapid|swift|speeding up""",
    "TOO_SLOW": """
        too slow|is too slow|are too slow|takes too long|take too long|still too slow|is still too slow|zu langsam|
        ist zu langsam|dauert zu lange|dauert zu lang|ist noch zu langsam|ist mir zu langsam|dauert mir zu lange""",
    "TOO_BIG": "too big|is too big|too large|is too large|zu gross|ist zu gross|ist mir zu gross",
    "TOO_MUCH": "too much|uses too much|needs too much|takes too much|zu viel|braucht zu viel|benoetigt zu viel",
    "SMALL": """
        small|smaller|smallest|compact|shrink|lightweight|light weight|slimmer|lighter|tiny|klein|kleiner|kleine|
        kleines|kleineres|kleinere|kleinen|kompakt|kompakter|kompakteres|kompaktes|verkleinere|verkleinern|schlanker|
        schlankeres""",
    "LOW": """
        low|lower|less|fewer|reduce|reduced|cut|decrease|minimal|minimise|minimize|lowest|smaller amount of|weniger|
        geringere|geringer|geringeren|geringerer|geringeres|niedrige|niedriger|niedrigere|niedrigerer|senke|senken|
        reduziere|reduzieren|verringere|verringern|kuerzere|kuerzeres|kuerzeren|shorten|verkuerze|minimiere|
        minimieren|bring down|cut down|cut down on|spare|save|sparsamer mit""",
    "HIGH": """
        most|high|higher|better|more|improve|increase|raise|boost|best|highest|maximise|maximize|hohe|hohen|hoeher|
        hoehere|hoeheren|bessere|besserer|besseren|beste|mehr|erhoehe|erhoehen|verbessere|verbessern|steigere|
        steigern|maximiere|maximieren""",
    "THRIFTY": """
        memory efficient|memory saving|speichersparend|speichersparender|speichereffizient|speichereffizienter""",
    "ACCURATE": """
        accurate|exact|precise|better predictions|better accuracy|genau|genauer|genauere|genaueres|praeziser|
        praezise|treffsicherer|treffsicher|accurate predictions|genauere vorhersagen|bessere vorhersagen""",
    "EXPLAIN": """
        understand the predictions|understand predictions|understand the model|understand it|
        understand its predictions|die vorhersagen verstehen|vorhersagen verstehen|das modell verstehen|
        nachvollziehen|explainable|explainability|interpretable|interpretability|transparent|easy to explain|
        easier to explain|easy to understand|easier to understand|easy to interpret|easier to interpret|
        understandable|explain itself|erklaerbar|erklaerbarer|erklaerbares|erklaerbarkeit|erklaerbareres|
        nachvollziehbar|nachvollziehbarer|nachvollziehbares|interpretierbar|interpretierbarer|interpretierbares|
        verstaendlich|verstaendlicher|verstaendliches|leicht zu erklaeren|leichter zu erklaeren|transparenter|
        transparentes""",
    # What to do.
    "USE": """
        use|take|try|switch to|change to|go for|go with|pick|try out|how about|what about|give it a try with|nimm|
        nehmen|nehmt|nimm mal|verwende|verwenden|benutze|benutzen|nutze|nutzen|probiere|probier|probieren|versuche|
        versuchen|teste|wechsle zu|wechsle auf|wechsel zu|wechsel auf|wechseln zu|steige um auf|wie waere es mit|
        wie waers mit""",
    "KEEP": "keep|keeping|leave|hold|halte|halten|behalte|behalten|belasse|belassen|lass|lasse|lassen",
    "SET": "set|setze|setz|setzen|stell|stelle|stellen|put|assign",
    "FIX": "fix|pin|fixiere|fixieren|freeze|lock|sperre|sperren|friere",
    "FREE": """
        unlock|free|unfreeze|release|let go of|unpin|entsperre|entsperren|freigeben|frei|freigegeben|gib frei|unfix""",
    "TOUCH": """
        touch|change|modify|alter|vary|tune|move|tamper with|mess with|anfassen|aendern|veraendern|verstellen|
        anruehren|variieren|geaendert|veraendert|varied|changed|aendere|veraendere|touching|changing|modifying|adjust""",
    "PERMIT": """
        may|can|are allowed to|allowed to|free to|feel free to|is allowed to|darfst|darf|duerfen|kannst|kann|koennen""",
    "AS_IS": """
        so lassen , wie es ist|so , wie es ist|so bleiben , wie es ist|so lassen , wie sie ist|so , wie sie ist|
        so bleiben , wie sie ist|as it is|as is|as they are|unchanged|untouched|alone|the same|constant|fixed|fest|
        unveraendert|so wie es ist|wie es ist|so wie sie ist|wie sie ist|so wie er ist|wie er ist|so bleiben|
        so lassen|in ruhe|konstant|where it is""",
    "OPTIMISE": """
        optimise|optimize|optimise for|optimize for|optimising|optimizing|select by|choose by|score by|judge by|
        evaluate by|evaluate with|evaluate using|evaluate on|rank by|measure by|decide by|score with|tune for|
        judged by|measured by|chosen by|selected by|evaluated by|evaluated with|optimiere|optimieren|optimiere nach|
        optimiere auf|bewerte|bewerte nach|bewerte mit|bewerten|waehle nach|entscheide nach|miss mit|focus on""",
    "METRICWORD": """
        as metric|as the metric|as a metric|als metrik|als kennzahl|als mass|metric|metrics|scorer|scoring|score|
        metrik|kennzahl|zielmetrik|bewertungsmass|guetemass""",
    "REACH": """
        reach|achieve|hit|attain|deliver|process|handle|serve|sustain|manage|score at|predict for|erreiche|erreichen|
        verarbeite|verarbeiten|schaffe|schaffen|bewaeltigen|liefern|bearbeiten""",
    "INSTEAD": "instead|stattdessen|rather|lieber|besser gleich",
    "INSTEAD_OF": "instead of|rather than|in place of|statt|anstatt|anstelle von|an stelle von|and not|und nicht",
    "FAMILY": """
        random forest|random forests|forest|forests|xgboost|xgb|lightgbm|lgbm|catboost|gradient boosting|boosting|
        hist gradient boosting|linear model|logistic regression|ridge|mlp|mlps|cnn|cnns|vit|vits|neural network|
        neural net|neural networks|decision tree|svm|knn|naive bayes|transformer|entscheidungsbaum|lineares modell|
        neuronales netz|zufallswald|logistische regression""",
}
DEPTH = ("depth", "tiefe")
# Statements in these words are no wishes, unless one of `ASKING` stands before or beside them.
_DECLARING = """
is are has takes runs uses trained trains predicts answers responds ist sind hat dauert braucht benoetigt trainiert
antwortet fits passt weighs it's that's trainierten trainierte
"""
DECLARING = frozenset(_DECLARING.split())
WHO = frozenset({"i", "we", "you", "they", "people", "ich", "wir"})
_ASKING = """
should must may can shall need needs want wants wish like ensure sure that which i'd we'd soll sollen sollte sollten
muss muessen darf duerfen kann moechte moechten will wollen brauche dass so wichtig important max maximum maximal
limit damit
"""
ASKING = frozenset(_ASKING.split())
_QUESTIONS = """
is are was were does did do has have how what why which when who where ist sind war hat haben wie warum wieso was
welche welcher welches wann wer
"""
QUESTIONS = frozenset(_QUESTIONS.split())
_GERMAN = """
der das und nicht ein eine einer einem einen mit unter hoechstens mindestens weniger mehr als bitte ich wir soll
sollte muss darf modell auf im bei fuer kein keine baeume baeumen epochen sekunde sekunden minuten stunde stunden
zeilen pro ueber nimm setze mach mache schneller kleiner genauer lernrate lieber groesse trainingszeit latenz
durchsatz speicher genauigkeit nutze verwende
"""
GERMAN = frozenset(_GERMAN.split())
