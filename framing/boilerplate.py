"""The rules that tell an article's prose from what stands around it: `judge`, block by block, then in context.

A block is first judged by its own shape: prose (it ends a sentence, or is long), short (it does neither), or one
of the reasons of framing.paragraphs where a pattern says so. Then context decides: the opener of a section
("Related posts", "Comments") holds what follows until body prose clearly resumes, and short blocks become headings,
menus or parts of their section. Word lists are data at the top, kept small; shape does the work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple


class Piece(NamedTuple):
    """A block of text: `text` is `article.text[start:end]`, without outer white space."""

    start: int
    end: int
    text: str
    tag: str
    """The page element, or empty for plain text."""
    indent: int
    gap: bool
    """Whether a blank line, or another block of a page, stands before."""
    given: str | None
    """A reason that is already known, or None."""


PROSE, SHORT = "prose", "short"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A short line that is one of these opens a section of that kind. `*`: anything may follow; `#`: a number.
_OPENERS = {
    "teaser": """related* | more from* | more work from* | more on* | more in* | more stories | more news
        other news | recent work | recent posts | recent articles | latest | latest news | latest posts
        latest stories | most read | most popular | popular | popular posts | trending* | top stories
        recommended* | you may also like* | you might also like* | also in this* | further reading | keep reading
        editor's pick* | editors' pick* | don't miss | what to read next | up next | next article
        previous article | in this section | similar articles | похожие* | другие новости | последние новости
        новости по теме | по теме | популярное | рекомендуем* | самое читаемое | ilgili haberler | son haberler
        çok okunanlar | en çok okunanlar | benzer haberler | sur le même sujet | articles similaires
        les plus lus | dans la même rubrique | mehr zum thema | meistgelesen | das könnte sie auch interessieren
        ähnliche artikel | weitere artikel | նմանատիպ* | վերջին նորություններ | ամենաընթերցվածը | առնչվող*
        այլ նորություններ""",
    "aside": """read also | also read | see also | read more | read next | watch also | more | читайте также
        смотрите также | ayrıca okuyun | bunu da okuyun | lire aussi | à lire aussi | lire également
        lesen sie auch | կարդացեք նաև | կարդալ նաև""",
    "author": """about the author* | about the authors* | about author* | about the writer* | author bio*
        the author | authors | author | contributor | contributors | written by | об авторе* | об авторах
        yazar hakkında | à propos de l'auteur* | l'auteur | über den autor | über die autorin | հեղինակի մասին""",
    "comments": """comment | comments | leave a comment | leave a reply | post a comment | add a comment
        join the conversation | join the discussion | reader comments | readers' comments | # comments | # comment
        comments # | # responses* | # replies | # thoughts on* | комментарии | комментарии # | # комментариев
        # комментария | добавить комментарий | оставить комментарий | yorumlar | yorum yap | yorumlar # | # yorum
        commentaires | # commentaires | laisser un commentaire | kommentare | # kommentare | kommentar schreiben
        մեկնաբանություններ | մեկնաբանություն""",
    "footnotes": """notes | footnotes | endnotes | end notes | references | bibliography | sources | works cited
        notes and references | примечания | сноски | литература | источники | список литературы | kaynakça
        kaynaklar | notlar | dipnotlar | références | bibliographie | notes de bas de page | quellen | literatur
        anmerkungen | fußnoten | ծանոթագրություններ | գրականություն | աղբյուրներ""",
    "subscribe": """subscribe* | newsletter* | sign up* | get our newsletter | get the latest* | get more news*
        follow us* | stay connected | stay informed | stay in touch | download our app | подписаться*
        подпишитесь* | подписывайтесь* | рассылка | abone ol* | bizi takip edin* | bülten | abonnez-vous*
        s'abonner | suivez-nous* | inscrivez-vous* | abonnieren* | folgen sie uns* | բաժանորդագրվել* | հետևեք մեզ*""",
    "donation": """support us | support our* | donate | donate now | donate today | make a donation
        become a member | become a supporter | become a patron | support independent* | buy me a coffee
        поддержать* | поддержите* | помочь проекту | bağış yap | destek ol* | faire un don | soutenez-nous
        nous soutenir | spenden | unterstützen sie uns | աջակցել* | աջակցեք*""",
    "share": """share | share this* | share on* | share via* | share article | share the article | link copied
        copy link | copied | tweet | print | print this* | print page | email | email this* | send | save
        save article | reply | quote | report | permalink | listen to this article | text size | facebook
        twitter | x | whatsapp | telegram | linkedin | reddit | vk | pinterest | viber | messenger | instagram
        youtube | поделиться* | распечатать | paylaş* | yazdır | partager* | imprimer | teilen* | drucken
        կիսվել* | տպել | տարածել""",
    "tags": """tags | topics | keywords | filed under | in this story | теги | ключевые слова | etiketler
        mots-clés | schlagwörter | թեգեր | պիտակներ""",
}
_BRIEF = frozenset({"subscribe", "donation", "tags"})
_SECTIONS = frozenset({"teaser", "aside", "author", "comments", "footnotes", "subscribe", "donation", "tags"})

# A block of at most _LONG characters that begins so is left out; the order is the order of the tests.
_BEGINNINGS: dict[str, tuple[str, ...]] = {
    "licence": (r"[\W_]*©", r"\(c\)\s", r"copyright\b(?=.{0,20}\d)", r"creative commons", r"cc[ -]by\b"),
    "notice": (
        r"we (?:and our partners )?use cookies|we value your|(?:this|our) (?:web ?)?site uses cookies"
        r"|мы используем.{0,9} cookie",
        r"by (?:continuing|using|clicking|browsing)\b[^.]*\b(?:cookies|site|terms|agree)"
        r"|diese (?:web)?seite verwendet",
        r"bu site(?:de)? çerez|ce site utilise|(?:please )?enable javascript|javascript is|advertisement$"
        r"|sponsored(?: content| by \w+)?$|реклама$",
        r"you have (?:reached|read|used|\w+) [^.]{0,25}(?:free (?:articles?|stor)|article limit)"
        r"|you must (?:be logged|log|sign) in"
        r"|already a (?:subscriber|member)|to continue reading",
        r"this (?:article|content|story) is [^.]{0,40}\b(?:subscribers|members|registered)\b",
        r"(?:log|sign) in\b[^.]{0,40}$|(?:to )?(?:skip|jump) to\b[^.]{0,30}$",
        r"(?:the )?(?:views|opinions)\b[^.]{0,40}\b(?:expressed|represented)\b.*\b(?:author|writer|necessarily|own)",
        r"disclaimer\b.{0,20}:|disclaimer$|мнение (?:автора|редакции)",
        r"(?:an? [^.]{0,30}version of )?this (?:article|piece|post|essay|interview|translation|transcript) "
        r"(?:was|is|has been|first|originally) (?:first |originally )?(?:published|appeared|translated|edited)",
        r"editor['’]s note|correction\b.{0,20}:|les opinions exprimées",
    ),
    "byline": (
        r"(?:by|(?:text|texte|words|reporting|written|edited|compiled|translated|story|interviewed|reported"
        r"|produced) by|автор\w?|текст|yazan|yazar|haber"
        r"|auteur|propos recueillis par|par|von|autor|հեղինակ|author)\b\s*:?\s+(?=\S)",
    ),
    "caption": (
        r"(?:photos?|pictures?|images?|photograph|illustration|figure|fig\.?|map|chart|video|credits?|caption|фото"
        r"|иллюстрация|foto|fotoğraf|bild|abbildung|crédits?|photographie|լուսանկար\w*)\b"
        r"\s?(?:by\b|courtesy\b|credit|\d+\s*[.:]|[:/|©]|\s?[—–-]\s?(?!.*[.!?]$))",
    ),
    "tags": (
        r"(?:tags?|tagged|topics?|keywords?|filed under|posted in|labels|теги|метки|ключевые слова|etiketler"
        r"|mots[- ]clés"
        r"|schlagw[oö]rte?r?|թեգեր)\s*(?:[:|]|with\b)\s*\S",
        r"(?:#[\w-]+[\s,]*){2,}$|#[\w-]{2,}$",
    ),
    "teaser": (
        r"(?:read (?:also|more|next|our)|also read|see also|related(?: \w+)?|watch(?: also)?|more on this|don't miss"
        r"|recommended|читайте также|по теме|смотрите также|ayrıca okuyun|ilgili haber|(?:à )?lire (?:aussi"
        r"|également)"
        r"|lesen sie auch|mehr zum thema|կարդացեք նաև|կարդալ նաև)\b[^:.]{0,30}[:|»→]\s*\S",
        r"(?:continue reading|view all|load more|show more|learn more|читать (?:далее|полностью)|devamını oku"
        r"|lire la suite"
        r"|weiterlesen|կարդալ ավելին)\b[^.]{0,60}$",
    ),
    "subscribe": (
        r"(?:please )?(?:subscribe|sign up|follow us|join us|download our|unsubscribe|like us on)\b(?!,)|click here"
        r"|to unsubscribe",
        r"get (?:the|our|more|all)\b[^.]{0,60}(?:inbox|newsletter|app\b|alerts)|stay (?:up to date|informed|tuned)\b",
        r"enter your e-?mail|you (?:are receiving|received) this|view this e?-?mail|подпис(?:ывайтесь|итесь)"
        r"|abonnez-vous",
        r"inscrivez-vous|suivez-nous|abonnieren sie|folgen sie uns|bizi .{0,25}takip|հետևեք մեզ|բաժանորդագրվ",
    ),
    "donation": (
        r"(?:please )?(?:donate\b|support (?:us\b(?!,)|(?:our|independent) (?:work|journalism|mission|team"
        r"|media))|consider (?:supporting|donating"
        r"|a donation)"
        r"|become a (?:member|supporter|patron)|make a (?:donation|contribution)|chip in)",
        r"if you (?:like|value|enjoy|find|appreciate)\b.*\b(?:support|donat|contribut)|your (?:support"
        r"|donation)s?\b",
        r"поддержите|soutenez|faites un don|spenden sie|աջակցեք",
    ),
    "footnotes": (
        r"\[(?:\^\w{1,20}|\d{1,4})\]:?\s+\S|[⁰¹²³⁴-⁹]+\s?\S|↑",
        r"\(?\d{1,3}[.)]?\s(?=.*(?:\bibid\b|\bpp?\.\s?\d|https?://|\bop\. cit|там же))",
        r"\(?\d{1,3}[.)]\s\S+,\s\w\..{0,80}\d{4}",
    ),
    "metadata": (
        r"[\d., ]+k?\s(?:views?|shares|reads|likes|просмотр\w*|görüntülenme|vues|aufrufe)$",
        r"(?:source|date|ur[li]|link|title|headline|subtitle|categor(?:y|ies)|section|id|type|lang(?:uage)?"
        r"|layout|slug|from"
        r"|to|cc|subject|reply-to|sent|retrieved|accessed|doi|issn|isbn|edition|issue|volume|word count"
        r"|reading time|posts?"
        r"|views?|joined|location|duration|episode|editor|reporter|country|region|document|classification"
        r"|ref(?:erence)?"
        r"|источник|дата|рубрика|раздел|просмотр\w+|kaynak|tarih|kategori|catégorie|rubrique|quelle|datum|աղբյուր)"
        r"\s*(?:no\.?)?\s*[:=]\s*\S",
    ),
}
_ANYWHERE: dict[str, tuple[str, ...]] = {
    "licence": (
        r"©\s?(?:19|20)\d\d|all rights reserved|все права защищены|tüm hakları saklıdır|tous droits réservés"
        r"|alle rechte vorbehalten",
        r"բոլոր իրավունքները պաշտպանված|licen[cs]ed under|under (?:a|the) creative commons|kaynak gösterilmeden",
        r"\b(?:texts?|materials?|contents?|articles?|images?|photos?|publications?|part of this (?:site"
        r"|document))\b[^.]*"
        r"\b(?:may|can|must)(?: not| only)? be (?:re)?(?:used|published|disseminated|produced|distributed"
        r"|printed|copied)\b"
        r".*\b(?:permission|condition|credit|link\b|source|consent)|reproduction (?:is )?(?:interdite"
        r"|prohibited|forbidden)",
        r"при [^.]{0,60}использовании [^.]{0,60}(?:ссылка|гиперссылка)|перепечатка [^.]*(?:разреш|ссылк)",
    ),
    "notice": (
        r"\b(?:does|do) not necessarily (?:reflect|represent)\b.*\b(?:views?|positions?|policy|opinions?|those of)\b",
        r"\b(?:does|do) not take (?:any |an )?institutional positions?\b",
    ),
}
_CREDIT_END = re.compile(
    r"\((?:photo|image|picture|credit|фото|foto)\b[^)]{0,80}\)\.?$|\((?:ap|afp|epa|reuters)[ /]\w[^)]{0,60}\)$"
    r"|\b(?:photos?|images?|credit|фото|foto)\s?[:©/] ?(?:[^.!?]|\b\w\.){1,60}$|\bphoto by [^.]{2,60}$"
    r"|\b(?:getty images|afp|shutterstock|wikimedia commons)$"
)
_MONTH = re.compile(
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|févr?(?:ier)?|mar(?:ch|s|t)?|märz?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin"
    r"|juni|july?|juil(?:let)?|juli|aug(?:ust)?|août|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember)?|déc(?:embre)?|январ\w|феврал\w|марта?|апрел\w|ма[йя]|ию[нл]\w|августа?|(?:сент|окт|но|дек)я?бр\w"
    r"|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|(?:հունվար|փետրվար|մարտ|ապրիլ|մայիս|հունիս"
    r"|հուլիս|օգոստոս|սեպտեմբեր|հոկտեմբեր|նոյեմբեր|դեկտեմբեր)\w{0,2})$"
)
_DATE_WORDS = _words(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun published
    posted updated last modified date time on at the of am pm gmt utc est edt cet amt msk et min mins minute
    minutes read
    ago hour hours day days week weeks month months year years st nd rd th опубликовано обновлено г года в мин
    назад час
    часов понедельник вторник среда четверг пятница суббота воскресенье publié le mis à jour h lundi mardi mercredi
    jeudi
    vendredi samedi dimanche de lecture um uhr stand den veröffentlicht montag dienstag mittwoch donnerstag freitag
    samstag sonntag yayınlanma güncelleme tarihi saat pazartesi salı çarşamba perşembe cuma cumartesi pazar ժ թ
    հրապարակված թարմացված"""
)
_NAME_PARTS = _words("and und et ve и և de du der von van al la le da bin")
_NAME_LINKS = _NAME_PARTS | _words("by in for of the at from with из für")
_SMALL_WORDS = _words("a an and as at but by for from if in into is its nor of off on or over per the to vs with")

_SENTENCE_END = re.compile(
    r"[.!?…‼⁇⁈⁉։՜՞؟۔।॥。！？｡．።፧၊။។܀](?:['\"”’»«“„›)\]}*_`」』）】\s\u200b-\u200f\u2060\ufeff]|\[\w{1,4}\]|[⁰¹²³⁴-⁹]"
    r"|\(\d{1,3}\))*$"
)
_ARMENIAN_END = re.compile(r"[\u0561-\u0587][»\")]*:[»\")]*$")
_INNER_END = re.compile(r"[.!?…]\s")
_SEMICOLON_END = re.compile(r";[\s*_]*(?:and|or|и|et|und|ve|և)?$")
_STOP_INSIDE = re.compile(r"[.!?…։؟۔।。！？።:;,،、՝]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d")
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d|\d ?(?:min|hour|day|week)|\d\d?[./-]\d\d?[./-]\d\d|\d{4}-\d\d-\d\d")
_ASIDE_MARK = re.compile(r"\[[^\]\d]{1,40}\]$")
_BULLET = re.compile(r"[•‣◦▪●·▶►■□*+–—-]\s")
_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-zа-я])[.)]\s")
_MARKS = re.compile(r"^[\s#*_>•‣◦▪●·▶►■□|–—+-]+|[\s*_:|…→»›>.!+–—-]+$")
_COUNT = re.compile(r"\(?\b\d[\d,.]*\b\)?")
_ATX = re.compile(r"#{1,6}\s+\S")
_BARE_LINK = re.compile(
    r"(?:<?(?:https?://|www\.)\S+>?|(?:[*+-] )?!?\[[^\]]*\]\([^)]*\)|\[\^?\w{1,9}\]:\s*<?https?://.*)\s*$"
)
_EMAIL = re.compile(r"\S@\w[\w-]*\.\w")
_PHONE = re.compile(r"(?:\b(?:tel|phone|fax|тел|tél|հեռ|telefon)\b\.?:?|☎)\s*\+?\(?\d|(?:^|\s)\+\d[\d() -]{7,}", re.I)
_CODE = re.compile(
    r"(?:function\b|var |const |let |#include|<script|<style|@media)|\.?[\w.-]+(?:\(.*\))?\s*\{$|\}[;)]*$"
)
_ENTRY = re.compile(r"\[(?:\^\w{1,20}|\d{1,4})\]|\^|[⁰¹²³⁴-⁹]|\(?\d{1,3}[.)]?\s|[*•†‡]")
_CITED = re.compile(
    r"\(\s?\d{4}[a-z]?\s?\)|\bibid\b|\bpp?\.\s?\d|https?://|\bdoi\b|\bvol\.|,\s\d{4}\b|\b(?:19|20)\d\d[.,;]", re.I
)
_REPLY = re.compile(
    r"\W*(?:reply|like|likes|report|permalink|ответить|yanıtla|répondre|antworten|պատասխանել)\b.{0,20}$"
    r"|[^.!?]{1,40}\b(?:says|said|wrote|пишет|a écrit)\b[^.]{0,30}:$|.{0,60}\b\d+ (?:hour|day|minute|week|month"
    r"|year)s? ago\b"
    r"|your email address|save my name|(?:log|sign) ?in to|.*\b(?:to comment|zu kommentieren)\b|name ?\*|website$",
    re.I,
)
_TO_READER = re.compile(r"\b(?:you|your|us|our|please|inbox|вы|вас|нас|нам|vous|nous|siz\w*|sie|uns|ձեր|մեզ)\b", re.I)
_ROLE = re.compile(
    r"\W*(?:the (?:author|writer)s? (?:is|are|was)\b|[^\W\d_]\S*(?: \S+){1,4},? (?:is|was|has been) (?:an?|the"
    r"|currently|also)"
    r"\b.{0,90}?\b(?:fellow|analyst|researcher|scholar|journalist|reporter|correspondent|editor|professor"
    r"|lecturer|director"
    r"|expert|columnist|contributor|writer|historian|author|blogger|student|candidate|specialist|scientist|associate"
    r"|advis[eo]r|consultant|diplomat|ambassador|heads?)\b)"
)
_VERB_OF_BIO = re.compile(
    r"(?:is|was|has|heads?|teaches|writes|works|covers|reports|holds|lives|leads|joined|served)\b"
)
_TRAIL = re.compile(r"(?<=\S)\s+[|>›»·•→]\s+(?=\S)")
_CELLS = re.compile(r"\t+| {3,}|\s*\|\s*")
_TOKEN = re.compile(r"\w+(?:['’]\w+)*")
_UNDER_A_HEADLINE = frozenset({"byline", "date", "metadata", "share"})
_LONG, _LINE = 600, 120
_MANY_WORDS = 20


_BEGINS = {reason: re.compile("|".join(rules), re.S) for reason, rules in _BEGINNINGS.items()}
_HOLDS = {reason: re.compile("|".join(rules), re.S) for reason, rules in _ANYWHERE.items()}
_BEGINS_ANY = re.compile("|".join(rules.pattern for rules in _BEGINS.values()), re.S)
_HOLDS_ANY = re.compile("|".join(rules.pattern for rules in _HOLDS.values()), re.S)
_PHRASES = {p.strip(): kind for kind, text in _OPENERS.items() for p in re.split(r"\||\n", text)}
_PREFIXES = {kind: tuple(p[:-1] for p, k in _PHRASES.items() if k == kind and p.endswith("*")) for kind in _OPENERS}
_PREFIX_STARTS = frozenset(prefix[:3] for prefixes in _PREFIXES.values() for prefix in prefixes)


def judge(pieces: Sequence[Piece], title: str | None = None) -> list[str | None]:
    """Return the reason for leaving each piece out, or None where it is prose."""
    kinds = [piece.given or shape(piece, title) for piece in pieces]
    openers = [None if piece.given else opener(piece.text) for piece in pieces]
    _fit_to_neighbours(pieces, kinds, openers)
    reasons = _in_sections(pieces, kinds, openers)
    if PROSE in kinds and PROSE not in reasons:
        reasons = kinds
    _author_at_the_end(pieces, reasons)
    _name_the_short(pieces, reasons)
    if PROSE not in reasons:
        _rescue(pieces, kinds, reasons)
    return [None if reason == PROSE else reason for reason in reasons]


def ends_sentence(text: str) -> bool:
    """Say whether the text ends as a sentence does, in any script; closing quotes and note marks may follow."""
    tail = text[-24:]
    return _SENTENCE_END.search(tail) is not None or _ARMENIAN_END.search(tail) is not None


def breaks_off(line: str) -> bool:
    """Say whether a line ends in the middle of a sentence: after a comma or a word that cannot be the last."""
    return line.endswith((",", "–", "—")) or line[-12:].rpartition(" ")[2] in _SMALL_WORDS


def is_furniture(line: str) -> bool:
    """Say whether a line is left out by its own pattern, whatever stands around it."""
    if len(line) > _LINE:
        return False
    return _ATX.match(line) is not None or opener(line) is not None or _pattern(line) is not None


@lru_cache(maxsize=4096)  # the furniture of a site stands on every page of it
def opener(text: str) -> str | None:
    """Return the kind of section that a short line opens, or None."""
    if len(text) > 80:
        return None
    key = _MARKS.sub("", _lower(text).replace("’", "'"))
    kind = _PHRASES.get(key)
    if kind is None and _DIGIT.search(key):
        key = _COUNT.sub("#", key)
        kind = _PHRASES.get(key) or _PHRASES.get(key.replace("#", "").strip())
    if kind is None and key[:3] in _PREFIX_STARTS and not ends_sentence(text) and key.count(" ") < 12:
        kind = next((kind for kind, prefixes in _PREFIXES.items() if _has_prefix(key, prefixes)), None)
    return kind


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _has_prefix(key: str, prefixes: tuple[str, ...]) -> bool:
    return key.startswith(prefixes) and any(
        key.startswith(prefix) and not key[len(prefix) : len(prefix) + 1].isalpha() for prefix in prefixes
    )


def shape(piece: Piece, title: str | None = None) -> str:
    """Judge one piece by itself: PROSE, SHORT, or a reason."""
    text = piece.text
    if re.fullmatch(r"h[1-6]", piece.tag) or _ATX.match(text):
        return "heading"
    if piece.tag == "figcaption":
        return "caption"
    if title is not None and len(text) < _LONG and _same(text, title):
        return "heading"
    if len(text) <= _LONG:
        found = _pattern(text)
        if found is not None:
            return found
    words = _word_count(text)
    if ends_sentence(text):
        return SHORT if words < 3 or _is_title_case(text) else PROSE
    if words >= 4 and _SEMICOLON_END.search(text[-12:]):
        return PROSE
    if words >= 5 and text.endswith((":", ",", "—", "–")):
        return PROSE
    return PROSE if words >= _MANY_WORDS and _STOP_INSIDE.search(text) else SHORT


@lru_cache(maxsize=4096)
def _pattern(text: str) -> str | None:
    """Return the reason that the text's own words and signs give, or None; the text is at most _LONG long."""
    if _ASIDE_MARK.match(text) or not (_LETTER.search(text) or _DIGIT.search(text)):
        return "other"
    line = text.lstrip("#*_>•‣◦▪●·▶►■□|–—- \t\ufeff\u200b") or text
    low, ended = _lower(line), ends_sentence(text)
    if len(text) <= _LINE and _is_date(low, ended):
        return "date"
    if _BEGINS_ANY.match(low):
        for reason, begins in _BEGINS.items():
            if begins.match(low) and _PLAUSIBLE.get(reason, _always)(line, ended):
                return reason
    if _HOLDS_ANY.search(low):
        return next(reason for reason, holds in _HOLDS.items() if holds.search(low))
    if len(text) < 200 and (_BARE_LINK.match(text) or ("/" in text and "." in text and len(text.split()) == 1)):
        return "link"
    if len(text) < 250 and _CREDIT_END.search(low[-100:]):
        return "caption"
    if len(text) < 200 and ("☎" in text or _DIGIT.search(text)) and _PHONE.search(low):
        return "contact"
    if len(text) < 200 and "@" in text and _EMAIL.search(text) and _word_count(text) <= 12:
        return "contact"
    if not ended and len(text) <= 2 * _LINE and _is_trail(text):
        return "menu"
    if not ended and ("|" in text or "\t" in text or "   " in text) and _is_table(text):
        return "table"
    return "code" if _CODE.match(text) and not _STOP_INSIDE.search(text[:-1].rstrip(");")) else None


def _always(line: str, ended: bool) -> bool:
    return True


def _is_byline(line: str, ended: bool) -> bool:
    """Hold a line for a byline when all its words are capitalised or link names ("By Anna Petrosian in Sochi")."""
    words = _TOKEN.findall(line)[1:]
    return len(words) <= 24 and not ended and all(not w[0].islower() or w in _NAME_LINKS for w in words)


_PLAUSIBLE: dict[str, Callable[[str, bool], bool]] = {
    "byline": _is_byline,
    "caption": lambda line, ended: len(line) < 250,
    "tags": lambda line, ended: not ended or len(line) < 60,
    "teaser": lambda line, ended: len(line) < 200 and (not ended or ":" in line[:20]),
    "subscribe": lambda line, ended: len(line) < 300,
    "metadata": lambda line, ended: not ended or line.startswith(("Source", "Date")),
}


def _is_date(low: str, ended: bool) -> bool:
    """Hold a line in lower case for a date when date words and, unless it is a sentence, two others stand in it."""
    if not _DIGIT.search(low):
        return False
    tokens = _TOKEN.findall(low)
    months = any(_MONTH.match(token) for token in tokens)
    clock = _CLOCK.search(low) is not None
    if len(tokens) > 16 or not (months or clock or (len(tokens) == 1 and len(tokens[0]) == 4)):
        return False
    others = sum(not (t[0].isdigit() or t in _DATE_WORDS or _MONTH.match(t)) for t in tokens)
    return others <= (2 if months and not ended and _YEAR.search(low) else 0)


def _is_trail(text: str) -> bool:
    """Hold short words between separators for navigation: "Home > World > Lake", "Print | Close"."""
    cells = _TRAIL.split(text)
    return (
        len(cells) >= 2 and text[0] != "|" and not _DIGIT.search(text) and all(len(cell.split()) <= 4 for cell in cells)
    )


def _is_table(text: str) -> bool:
    cells = [cell for cell in _CELLS.split(text.strip(" |")) if cell]
    return len(cells) >= 3 and sum(len(cell.split()) <= 4 for cell in cells) * 3 >= len(cells) * 2


def _is_title_case(text: str) -> bool:
    """Say whether a line that ends like a sentence is yet written as a title: "What Will the New Mayor Do?"."""
    if len(text) > _LINE or text.isupper():
        return False
    words = [word for word in _TOKEN.findall(text) if word.lower() not in _SMALL_WORDS]
    enough = 5 if text.endswith(".") else 4
    return len(words) >= enough and not _INNER_END.search(text) and all(w[0].isupper() or w[0].isdigit() for w in words)


def _same(text: str, title: str) -> bool:
    return _TOKEN.findall(text.casefold()) == _TOKEN.findall(title.casefold()) != []


def _word_count(text: str) -> int:
    words = len(text.split(None, 200))
    return max(words, len(text) // 2) if words < 40 and _UNSPACED.search(text) else words


def _fit_to_neighbours(pieces: Sequence[Piece], kinds: list[str], openers: Sequence[str | None]) -> None:
    """Settle what only neighbours settle: one-word sentences, lists after a colon, lone lead-ins, titles in lists."""
    for at, piece in enumerate(pieces):
        if openers[at] is not None and kinds[at] == PROSE:
            kinds[at] = SHORT
        if kinds[at] not in (PROSE, SHORT) or openers[at] is not None:
            continue
        before = kinds[at - 1] if at else ""
        after = kinds[at + 1] if at + 1 < len(pieces) else ""
        words = _word_count(piece.text)
        if kinds[at] == PROSE:
            listed = not piece.gap and before == SHORT == after and words <= 10 and not _is_item(piece)
            kinds[at] = SHORT if listed else PROSE
        elif _completes(pieces, at, before, after, words):
            kinds[at] = PROSE
    _headline_that_asks(pieces, kinds)


def _completes(pieces: Sequence[Piece], at: int, before: str, after: str, words: int) -> bool:
    """Say whether a short piece is part of the prose around it: "Why?", "Dear reader,", an item after a colon."""
    text = pieces[at].text
    if before == PROSE and ends_sentence(text) and not _is_title_case(text):
        return True
    if after == PROSE and text.endswith((",", ":")) and words >= (2 if text.endswith(",") else 3):
        return True
    return before == PROSE and words >= 4 and _is_item(pieces[at]) and _in_list(pieces[at - 1])


def _headline_that_asks(pieces: Sequence[Piece], kinds: list[str]) -> None:
    """Take a question for the headline where nothing before it can be one and a byline or date stands under it."""
    first = next((at for at, kind in enumerate(kinds) if kind == PROSE), None)
    if first is None or first + 1 == len(kinds) or "heading" in kinds[:first]:
        return
    text = pieces[first].text
    titled = any(kinds[at] == SHORT and _word_count(pieces[at].text) >= 5 for at in range(first))
    if not titled and len(text) <= _LINE and text.endswith(("?", "!")) and kinds[first + 1] in _UNDER_A_HEADLINE:
        kinds[first] = SHORT


def _is_item(piece: Piece) -> bool:
    return piece.tag == "li" or _BULLET.match(piece.text) is not None or _NUMBER.match(piece.text) is not None


def _in_list(before: Piece) -> bool:
    return before.text.endswith(":") or before.tag == "li" or _BULLET.match(before.text) is not None


def _in_sections(pieces: Sequence[Piece], kinds: Sequence[str], openers: Sequence[str | None]) -> list[str]:
    """Give what stands in a section the section's reason, up to where body prose clearly resumes."""
    reasons = list(kinds)
    at, prose = 0, 0
    while at < len(pieces):
        kind = openers[at]
        if kind is None:
            prose += kinds[at] == PROSE
            at += 1
            continue
        end = at + 1
        inner = (None, "share", "comments") if kind == "comments" else (None,)
        while end < len(pieces) and openers[end] in inner:
            end += 1
        resumes = _resumes(kind, pieces[at:end], kinds[at:end], prose) + at
        reason = "teaser" if kind == "aside" else kind
        for inside in range(at, resumes):
            if inside == at or kinds[inside] in (PROSE, SHORT):
                reasons[inside] = reason
        prose += sum(1 for inside in range(resumes, end) if kinds[inside] == PROSE)
        at = end
    return reasons


def _resumes(kind: str, pieces: Sequence[Piece], kinds: Sequence[str], before: int) -> int:
    """Return how many of the pieces, the first an opener and no other, the section holds."""
    whole = len(pieces)
    if kind not in _SECTIONS or whole == 1:
        return 1
    if kind == "footnotes" and not any(_is_entry(p) for p in pieces[1:3]):
        return 1
    if kind == "comments" and (before == 0 or not any(_REPLY.match(p.text) for p in pieces[1:13])):
        return 1 if before == 0 or kinds[1] == PROSE else whole
    if kind == "comments":
        return whole
    holds = [k == PROSE and not (kind == "footnotes" and _is_entry(p)) for p, k in zip(pieces, kinds, strict=True)]
    loose = any(piece.gap for piece in pieces[1:])
    body = pieces[0].indent
    swallowed = 0
    shorts_after = _suffix_counts(kinds, holds)
    left = sum(holds)
    for at in range(1, whole):
        if kind in _BRIEF and pieces[at].gap and kinds[at] == SHORT:
            return at
        if not holds[at]:
            continue
        alone = at + 1 == whole or not holds[at + 1]
        fresh = (pieces[at].gap or not loose) and pieces[at].indent <= body
        if fresh and _is_body(kind, pieces[at], left, shorts_after[at], swallowed, alone, before, at == 1):
            return at
        swallowed += 1
        left -= 1
    return whole


def _suffix_counts(kinds: Sequence[str], holds: Sequence[bool]) -> list[int]:
    """Return for every place how many short pieces stand between it and the last piece of prose."""
    counts = [0] * len(kinds)
    last = max((at for at, held in enumerate(holds) if held), default=0)
    for at in range(last - 1, -1, -1):
        counts[at] = counts[at + 1] + (kinds[at] == SHORT)
    return counts


def _is_body(
    kind: str, piece: Piece, left: int, shorts: int, swallowed: int, alone: bool, before: int, bare: bool
) -> bool:
    """Say whether prose in a section is the article again.

    `left` counts the prose from here to the section's last, `shorts` the short pieces among it; `swallowed` counts
    the prose that the section already took (summaries), `before` the prose before the section; `alone`: no prose
    stands right after; `bare`: the opener stands right before.
    """
    if kind in _BRIEF:
        return not (len(piece.text) < _LONG and _TO_READER.search(piece.text))
    if kind == "author" and not swallowed:
        return left >= 2 and not shorts and bare and not _ROLE.match(piece.text)
    if swallowed or kind == "footnotes":
        return left >= (3 if before else 2) and left >= 2 * shorts
    return not alone or (kind == "aside" and left == 1)


def _is_entry(piece: Piece) -> bool:
    return len(piece.text) < 2 * _LONG and (_ENTRY.match(piece.text) or _CITED.search(piece.text)) is not None


def _author_at_the_end(pieces: Sequence[Piece], reasons: list[str]) -> None:
    """Take the author's note off the end: "NAME is a fellow at ...", or any bio right after a line with the name."""
    ends = [at for at, reason in enumerate(reasons) if reason == PROSE]
    for at in reversed(ends[-2:]):
        text = pieces[at].text
        if len(ends) < 2 or at == ends[0] or len(text) > _LONG:
            return
        name = pieces[at - 1].text if reasons[at - 1] == SHORT else ""
        if not (_ROLE.match(text) or (name and _is_bio_of(name, text))):
            return
        reasons[at] = "author"
        if name and len(name.split()) <= 5:
            reasons[at - 1] = "author"


def _is_name(text: str) -> bool:
    words = _TOKEN.findall(text)
    return 2 <= len(words) <= 5 and all(w[0].isalpha() and (not w[0].islower() or w in _NAME_PARTS) for w in words)


def _is_bio_of(name: str, text: str) -> bool:
    words = _TOKEN.findall(name)
    return _is_name(name) and any(
        text.startswith(who) and _VERB_OF_BIO.match(text[len(who) :].lstrip(" ,")) is not None
        for who in (name, words[-1], words[0], f"Dr. {words[-1]}", f"Dr {words[-1]}")
    )


def _name_the_short(pieces: Sequence[Piece], reasons: list[str]) -> None:
    """Turn what is still SHORT into headings (before prose, alone) and menus (runs, lists, lines at the ends)."""
    prose = [at for at, reason in enumerate(reasons) if reason == PROSE]
    first, last = (prose[0], prose[-1]) if prose else (len(reasons), -1)
    at = 0
    while at < len(reasons):
        if reasons[at] != SHORT:
            at += 1
            continue
        end = at + 1
        while end < len(reasons) and reasons[end] == SHORT:
            end += 1
        for inside in range(at, end):
            reasons[inside] = _short_reason(pieces, reasons, inside, (at, end), (first, last))
        at = end


def _short_reason(
    pieces: Sequence[Piece], reasons: Sequence[str], at: int, run: tuple[int, int], body: tuple[int, int]
) -> str:
    """Name the short piece `at` of the run of short pieces; `body` is the first and the last piece of prose."""
    text = pieces[at].text
    after = reasons[run[1]] if run[1] < len(reasons) else ""
    if at > body[1] or (_is_item(pieces[at]) and not _NUMBER.match(text)):
        return "menu"
    if (
        at + 1 == run[1]
        and after in ("date", "byline")
        and "heading" in reasons[max(at - 4, 0) : at]
        and _is_name(text)
    ):
        return "byline"
    if at < body[0]:
        return "heading" if _word_count(text) >= 4 or at + 1 == body[0] else "menu"
    return "menu" if run[1] - run[0] > 3 else "heading"


def _rescue(pieces: Sequence[Piece], kinds: Sequence[str], reasons: list[str]) -> None:
    """Where nothing looks like prose and the text is short, make its longest short blocks the prose."""
    short = [at for at, kind in enumerate(kinds) if kind == SHORT and opener(pieces[at].text) is None]
    if not short or len(pieces) > 6:
        return
    longest = max(len(pieces[at].text) for at in short)
    if len(pieces) > 1 and max(_word_count(pieces[at].text) for at in short) < 4:
        return
    for at in short:
        if len(pieces[at].text) * 2 > longest:
            reasons[at] = PROSE
