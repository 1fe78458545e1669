"""Words that say nothing about a question's subject, by language."""

# Function words, words of asking, and what people write around a question; without accents.
_BY_LANGUAGE = {
    "en": """
        a about after again all also am an and any are as at be because been before
        being both but by can could did do does doing done each for from get give had
        has have having he her here him his how i if in into is it its just let like me
        more most my need no nor not of off on once one only or other others our out
        over own please same she should show so some such tell than that the their them
        then there these they this those through to too under until up us very want was
        way ways we were what when where whether which while who whom whose why will
        with without would you your
    """,
    "fr": """
        a afin ai ainsi alors apres au aucun aussi autre autres aux avant avec avoir
        avons c ce cela ces cet cette ceux chaque chez comme comment d dans de depuis
        des donc du elle elles en entre est et etaient etait etant ete etre eu faire
        fait faut il ils j je l la le les leur leurs lors lui m ma mais me meme mes
        moins mon n ne ni nos notre nous on ont ou par pas pendant peut plus pour
        pourquoi qu quand que quel quelle quelles quels qui s sa sans se ses si son sont
        sous sur t tandis tous tout toute toutes tres tu un une vers vos votre vous y
    """,
    "es": """
        a al algo algun alguna algunas algunos ante antes aqui asi aun cada como con
        contra cual cuales cuando cuanto de del desde donde dos durante e el ella ellas
        ellos en entre era eran es esa esas ese eso esos esta estaba estan estas este
        esto estos fue fueron ha haber habia hace hacer hacia han hasta hay la las le
        les lo los mas me mi mis muy ni no nos nosotros nuestra nuestro o otra otras
        otro otros para pero poco podemos por porque puede que quien se sea ser si sin
        sobre son su sus tambien tan tanto te tiene tienen toda todas todo todos tras tu
        un una unas uno unos y ya yo
    """,
    "pt": """
        a ante ao aos apos aquela aquele aqui as assim ate cada com como contra da das
        de depois desde do dos durante e ela elas ele eles em entre era eram essa essas
        esse esses esta estao estas este estes eu fazer foi foram ha isso isto ja la lhe
        mais mas me mesmo meu minha muito na nao nas nem no nos nossa nosso num numa o
        onde os ou outra outras outro outros para pela pelas pelo pelos pode podemos por
        porque quais qual quando quanto que quem se sem ser seu seus so sobre sua suas
        tambem te tem temos ter toda todas todo todos tu um uma umas uns
    """,
    "sw": """
        ama au baada bado bila cha chake cho hapa hata haya hii hili hivi hivyo hiyo
        hizi huo huu huyu ili ingawa ipi je jinsi juu kabla kama katika kila kile kisha
        kuhusu kutoka kuwa kwa kwamba kwani kwenye la lake lakini lini mimi mwa na namna
        nani ndani ndio ni nini nje pa pamoja pia sana sasa si sisi tu tulivyo ule vile
        vipi wa wakati wake wao wapi wapo wengine wetu wote ya yake yao yetu yote za
        zaidi zake zao zote
    """,
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _BY_LANGUAGE.items()}
