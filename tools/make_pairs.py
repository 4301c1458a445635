"""Make ``data/english_korean.tsv``: sentence pairs of a small grammar.

English is subject – verb – object, Korean subject – time – place – object – verb, so a
model that translates has to carry the verb to the end. The Korean particles follow the
final consonant of their noun, and the style is the polite one (해요체). Tenses are
present, present progressive, past and future, each also negated. A sentence that can be
rendered in two ways, such as "I read a book", is left out.

Run as ``python -m tools.make_pairs``. The same file comes out every time.
"""

import random
import unicodedata
from collections import Counter
from itertools import product
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "data" / "english_korean.tsv"
COUNT = 4000
SEED = 7

# English, Korean, third person singular
SUBJECTS = (
    ("I", "저", False),
    ("we", "우리", False),
    ("my friend", "제 친구", True),
    ("my younger brother", "제 남동생", True),
    ("my younger sister", "제 여동생", True),
    ("our neighbour", "우리 이웃", True),
    ("the student", "그 학생", True),
    ("the child", "그 아이", True),
    ("the singer", "그 가수", True),
    ("the farmer", "그 농부", True),
    ("the cook", "그 요리사", True),
    ("the office worker", "그 회사원", True),
)

FOOD = (
    ("an apple", "사과"),
    ("bread", "빵"),
    ("fruit", "과일"),
    ("kimchi", "김치"),
    ("noodles", "국수"),
)
# Not plain "tea": its Korean word, 차, is a car as well.
DRINKS = (("coffee", "커피"), ("green tea", "녹차"), ("milk", "우유"), ("water", "물"))
TEXTS = (
    ("a book", "책"),
    ("a letter", "편지"),
    ("a novel", "소설"),
    ("a poem", "시"),
)
PAPERS = (("a magazine", "잡지"), ("the newspaper", "신문"))
THINGS = (
    ("a bag", "가방"),
    ("a chair", "의자"),
    ("a clock", "시계"),
    ("a hat", "모자"),
    ("flowers", "꽃"),
)
SUBJECTS_OF_STUDY = (
    ("English", "영어"),
    ("history", "역사"),
    ("Korean", "한국어"),
    ("mathematics", "수학"),
)
SHOWS = (("a film", "영화"), ("a match", "경기"), ("television", "텔레비전"))
SOUNDS = (("music", "음악"), ("the news", "뉴스"), ("the radio", "라디오"))
VEHICLES = (("the bus", "버스"), ("the train", "기차"))
PEOPLE = (("a colleague", "동료"), ("the doctor", "의사"), ("the guest", "손님"))
ROOMS = (("the kitchen", "부엌"), ("the room", "방"))
GLASS = (("the mirror", "거울"), ("the window", "창문"))
PICTURES = (("a picture", "그림"), ("a tree", "나무"), ("flowers", "꽃"))

# English, Korean: where something is done
PLACES = {
    "home": ("at home", "집에서"),
    "library": ("in the library", "도서관에서"),
    "school": ("at school", "학교에서"),
    "park": ("in the park", "공원에서"),
    "market": ("at the market", "시장에서"),
    "station": ("at the station", "역에서"),
    "cafe": ("in the café", "카페에서"),
}


def several(thing):
    """Return the plural where there was one thing: who sells, sells apples."""
    bare = bare_noun(thing)
    return thing if bare == thing else bare + "s"


def bare_noun(thing):
    """Return the noun without its indefinite article."""
    return thing.removeprefix("an ").removeprefix("a ")


# English: base, third person, past, present participle.
# Korean: stem of the dictionary form, then present, past and future form.
VERBS = (
    ("eat", "eats", "ate", "eating", "먹", "먹어요", "먹었어요", "먹을 거예요",
     FOOD, ("home", "school", "park", "market")),
    ("drink", "drinks", "drank", "drinking", "마시", "마셔요", "마셨어요",
     "마실 거예요", DRINKS, ("home", "school", "cafe", "station")),
    ("read", "reads", "read", "reading", "읽", "읽어요", "읽었어요", "읽을 거예요",
     TEXTS + PAPERS, ("home", "library", "school", "park", "cafe")),
    ("write", "writes", "wrote", "writing", "쓰", "써요", "썼어요", "쓸 거예요",
     TEXTS, ("home", "library", "cafe")),
    ("buy", "buys", "bought", "buying", "사", "사요", "샀어요", "살 거예요",
     THINGS + FOOD + PAPERS, ("market", "station")),
    ("sell", "sells", "sold", "selling", "팔", "팔아요", "팔았어요", "팔 거예요",
     tuple((several(thing), korean) for thing, korean in THINGS + FOOD),
     ("market", "station")),
    ("make", "makes", "made", "making", "만들", "만들어요", "만들었어요",
     "만들 거예요", (FOOD[1], *FOOD[3:], *THINGS[:2], THINGS[3]), ("home", "school")),
    ("learn", "learns", "learned", "learning", "배우", "배워요", "배웠어요",
     "배울 거예요", SUBJECTS_OF_STUDY, ("home", "school", "library")),
    ("watch", "watches", "watched", "watching", "보", "봐요", "봤어요", "볼 거예요",
     SHOWS, ("home", "school")),
    ("listen to", "listens to", "listened to", "listening to", "듣", "들어요",
     "들었어요", "들을 거예요", SOUNDS, ("home", "park", "cafe")),
    ("wait for", "waits for", "waited for", "waiting for", "기다리", "기다려요",
     "기다렸어요", "기다릴 거예요", VEHICLES + PEOPLE, ("station",)),
    ("meet", "meets", "met", "meeting", "만나", "만나요", "만났어요", "만날 거예요",
     PEOPLE, ("park", "station", "cafe", "market")),
    ("clean", "cleans", "cleaned", "cleaning", "청소하", "청소해요", "청소했어요",
     "청소할 거예요", ROOMS, ("home", "school")),
    ("wipe", "wipes", "wiped", "wiping", "닦", "닦아요", "닦았어요", "닦을 거예요",
     GLASS, ("home", "school", "cafe")),
    ("draw", "draws", "drew", "drawing", "그리", "그려요", "그렸어요", "그릴 거예요",
     PICTURES, ("home", "school", "park")),
)  # fmt: skip
MOTIONS = (
    ("go", "goes", "went", "going", "가", "가요", "갔어요", "갈 거예요"),
    ("come", "comes", "came", "coming", "오", "와요", "왔어요", "올 거예요"),
)
DESTINATIONS = (
    ("home", "집"),
    ("to school", "학교"),
    ("to the hospital", "병원"),
    ("to the library", "도서관"),
    ("to the market", "시장"),
    ("to the park", "공원"),
    ("to the sea", "바다"),
    ("to the station", "역"),
)
NEED = (
    "need",
    "needs",
    "needed",
    "",
    "필요하",
    "필요해요",
    "필요했어요",
    "필요할 거예요",
)
EXIST = (
    ("is", "are", "있어요", "없어요"),
    ("was", "were", "있었어요", "없었어요"),
    ("will be", "will be", "있을 거예요", "없을 거예요"),
)
SPOTS = (
    ("in front of the house", "집 앞에"),
    ("in the box", "상자 안에"),
    ("in the room", "방에"),
    ("next to the door", "문 옆에"),
    ("on the desk", "책상 위에"),
    ("under the bed", "침대 아래에"),
)
# English, Korean stem, present, past and future form, what it is said of
ADJECTIVES = (
    ("delicious", "맛있", "맛있어요", "맛있었어요", "맛있을 거예요", FOOD + DRINKS),
    ("interesting", "재미있", "재미있어요", "재미있었어요", "재미있을 거예요",
     TEXTS + SHOWS[:2]),
    ("expensive", "비싸", "비싸요", "비쌌어요", "비쌀 거예요", THINGS + FOOD + DRINKS),
    ("pretty", "예쁘", "예뻐요", "예뻤어요", "예쁠 거예요", THINGS + PICTURES[:2]),
)  # fmt: skip

TIMES = {
    "present": (("", ""), ("these days", "요즘")),
    "progressive": (("", ""), ("now", "지금")),
    "past": (("", ""), ("yesterday", "어제"), ("this morning", "오늘 아침에")),
    "future": (("", ""), ("tomorrow", "내일"), ("next week", "다음 주에")),
}


def particle(noun, after_consonant, after_vowel):
    """Return the noun with the particle that its last sound asks for."""
    # A Hangul syllable is 28 × (lead and vowel) + number of its final consonant.
    closed = (ord(noun[-1]) - ord("가")) % 28 != 0
    return noun + (after_consonant if closed else after_vowel)


def predicate(verb, subject, tense, negated):
    """Return the English and the Korean verb phrase."""
    base, third, past, participle, stem, present_ko, past_ko, future_ko = verb
    first, singular = subject[0] == "I", subject[2]
    be = "am" if first else "is" if singular else "are"
    english = {
        "present": f"{'does' if singular else 'do'} not {base}" if negated
        else (third if singular else base),
        "progressive": f"{be} not {participle}" if negated else f"{be} {participle}",
        "past": f"did not {base}" if negated else past,
        "future": f"will not {base}" if negated else f"will {base}",
    }  # fmt: skip
    korean = {
        "present": f"{stem}지 않아요" if negated else present_ko,
        "progressive": f"{stem}고 있지 않아요" if negated else f"{stem}고 있어요",
        "past": f"{stem}지 않았어요" if negated else past_ko,
        "future": f"{stem}지 않을 거예요" if negated else future_ko,
    }
    return english[tense], korean[tense]


def sentence(*parts):
    """Join the parts that are there, with a capital and a full stop."""
    text = " ".join(part for part in parts if part)
    return text[0].upper() + text[1:] + "."


def actions():
    """Yield sentences with an object, such as "I read a book at home yesterday"."""
    for subject, verb, tense, negated in product(SUBJECTS, VERBS, TIMES, (False, True)):
        english, korean = predicate(verb[:8], subject, tense, negated)
        topic = particle(subject[1], "은", "는")
        places = [("", ""), *(PLACES[name] for name in verb[9])]
        for thing, place, when in product(verb[8], places, TIMES[tense]):
            yield (
                sentence(subject[0], english, thing[0], place[0], when[0]),
                sentence(
                    topic, when[1], place[1], particle(thing[1], "을", "를"), korean
                ),
            )


def motions():
    """Yield sentences such as "The child will go to the sea tomorrow"."""
    for subject, verb, tense, negated in product(
        SUBJECTS, MOTIONS, TIMES, (False, True)
    ):
        if verb[0] == "come" and not subject[2] and tense in ("progressive", "future"):
            continue  # Korean says "go" of one's own coming
        english, korean = predicate(verb, subject, tense, negated)
        topic = particle(subject[1], "은", "는")
        for (place, place_ko), when in product(DESTINATIONS, TIMES[tense]):
            yield (
                sentence(subject[0], english, place, when[0]),
                sentence(topic, when[1], place_ko + "에", korean),
            )


def needs():
    """Yield sentences such as "We need water": in Korean, water is the subject."""
    tenses = ("present", "past", "future")
    for subject, tense, negated in product(SUBJECTS, tenses, (False, True)):
        english, korean = predicate(NEED, subject, tense, negated)
        topic = particle(subject[1], "은", "는")
        for thing, thing_ko in THINGS + FOOD + DRINKS + PAPERS:
            yield (
                sentence(subject[0], english, thing),
                sentence(topic, particle(thing_ko, "이", "가"), korean),
            )


def existences():
    """Yield sentences such as "There is no book on the desk"."""
    for (thing, thing_ko), (spot, spot_ko), forms, negated in product(
        THINGS + FOOD + TEXTS[:3], SPOTS, EXIST, (False, True)
    ):
        bare = bare_noun(thing)
        plural = thing in ("flowers", "noodles")
        if negated and forms[0] == "will be":
            english = f"there will be no {bare}"
        else:
            english = f"there {forms[plural]} {'no ' + bare if negated else thing}"
        subject = particle(thing_ko, "이", "가")
        yield (
            sentence(english, spot),
            sentence(spot_ko, subject, forms[3 if negated else 2]),
        )


def descriptions():
    """Yield sentences such as "This apple was not expensive"."""
    pointers = (("this", "these", "이"), ("that", "those", "저"))
    for adjective, pointer, negated in product(ADJECTIVES, pointers, (False, True)):
        english, stem, *forms, things = adjective
        for (thing, thing_ko), tense in product(things, range(3)):
            if thing == "television":
                continue
            bare = bare_noun(thing)
            plural = thing in ("flowers", "noodles")
            be = (("is", "was", "will"), ("are", "were", "will"))[plural][tense]
            be += " not" * negated + " be" * (tense == 2)
            endings = ("지 않아요", "지 않았어요", "지 않을 거예요")
            yield (
                sentence(pointer[plural], bare, be, english),
                sentence(
                    pointer[2],
                    particle(thing_ko, "은", "는"),
                    stem + endings[tense] if negated else forms[tense],
                ),
            )


def clear(pairs):
    """Return the pairs of which neither sentence stands in another pair."""
    seen = Counter(text.casefold() for pair in pairs for text in pair)
    return [pair for pair in pairs if all(seen[text.casefold()] == 1 for text in pair)]


def make():
    """Return the pairs, shuffled: so many of each kind, no sentence twice."""
    rng = random.Random(SEED)
    kinds = {
        actions: 0.55, motions: 0.15, needs: 0.11, existences: 0.11, descriptions: 0.08
    }  # fmt: skip
    pairs = []
    for kind, share in kinds.items():
        pairs += rng.sample(clear(sorted(set(kind()))), round(share * COUNT))
    rng.shuffle(pairs)
    for column in zip(*pairs, strict=True):
        assert len({text.casefold() for text in column}) == COUNT
    return pairs


def text():
    """Return the content of the file: English, tab, Korean, one pair a line."""
    lines = (f"{english}\t{korean}\n" for english, korean in make())
    return unicodedata.normalize("NFC", "".join(lines))


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8", newline="\n")
