"""The words that stand around articles on the web, in nine languages: data for framing.boilerplate, kept small.

What matches is decided there; shape does the work, and these lists settle what shape cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

Matcher = Callable[..., re.Match[str] | None]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A short line that is one of these opens a section of that kind. `*`: anything may follow; `#`: a number.
OPENERS = {
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

# A block (of at most framing.boilerplate.LONG characters) that begins so is left out; tested in this order.
BEGINNINGS: dict[str, tuple[str, ...]] = {
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
ANYWHERE: dict[str, tuple[str, ...]] = {
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


class Pattern:
    """A regular expression that is compiled when it is first tried: many articles need only a few of them."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self._text, self._flags = text, flags

    @cached_property
    def match(self) -> Matcher:
        """As of `re.Pattern`."""
        return re.compile(self._text, self._flags).match

    @cached_property
    def search(self) -> Matcher:
        """As of `re.Pattern`."""
        return re.compile(self._text, self._flags).search


CREDIT_END = Pattern(
    r"\((?:photo|image|picture|credit|фото|foto)\b[^)]{0,80}\)\.?$|\((?:ap|afp|epa|reuters)[ /]\w[^)]{0,60}\)$"
    r"|\b(?:photos?|images?|credit|фото|foto)\s?[:©/] ?(?:[^.!?]|\b\w\.){1,60}$|\bphoto by [^.]{2,60}$"
    r"|\b(?:getty images|afp|shutterstock|wikimedia commons)$"
)
MONTH = Pattern(
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|févr?(?:ier)?|mar(?:ch|s|t)?|märz?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin"
    r"|juni|july?|juil(?:let)?|juli|aug(?:ust)?|août|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember)?|déc(?:embre)?|январ\w|феврал\w|марта?|апрел\w|ма[йя]|ию[нл]\w|августа?|(?:сент|окт|но|дек)я?бр\w"
    r"|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|(?:հունվար|փետրվար|մարտ|ապրիլ|մայիս|հունիս"
    r"|հուլիս|օգոստոս|սեպտեմբեր|հոկտեմբեր|նոյեմբեր|դեկտեմբեր)\w{0,2})$"
)
DATE_WORDS = _words(
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
NAME_PARTS = _words("and und et ve и և de du der von van al la le da bin")
NAME_LINKS = NAME_PARTS | _words("by in for of the at from with из für")
SMALL_WORDS = _words("a an and as at but by for from if in into is its nor of off on or over per the to vs with")
