"""Examples beside the questions, and what the pages say of numbers that do not add up."""

from ingest.pasted import Why
from kb.vocabulary import Naming, Visibility
from kb.wording import marked

# Ours, and illustrative.
EXAMPLES = {
    "F01": marked("We wanted newborn babies to be put to the breast within one hour of birth."),
    "F02": marked("In January 2024, 10 of 30 babies were fed within one hour."),
    "F03": marked("From 34 of 100 to 80 of 100 by the end of December 2024."),
    "F04": marked("Midwife in charge; two nurses; cleaner; a mother from the village."),
    "F05": marked("Babies were taken away to be weighed. We watched ten births to see it."),
    "F06": marked("Weigh the baby after the first feed. The scale stands in the next room now."),
    "F08": marked("We told it at every handover for two weeks, and hung it on the wall."),
    "F09": marked("Before, 10 of 30 babies were fed in the first hour; now 25 of 30 are."),
    "F12": marked("The poster did not help: nobody read it. At night it still fails at times."),
    "F13": marked("Mothers bled less. Weighing takes longer on busy days."),
    "F14": marked("One notebook, 2 dollars, and an hour of each midwife. The facility paid."),
    "F15": marked("Mothers say that they felt the baby was theirs from the first minute."),
    "F16": marked("The district coach came each month and counted with us. That helped most."),
    "F17": marked("A second scale, from the district."),
    "F18": marked("Yes. The midwife in charge looks at the chart every Monday."),
    "F19": marked("Begin with one shift. Ask the night staff first."),
    "D01": marked("In eight health centres, half of the babies were cold when they left."),
    "D03": marked("A coach spent a day a month in each facility, beside the midwives."),
    "D06": marked("Midwives dry the baby first. We saw it at nine of ten births we watched."),
    "D07": marked("In all eight together, cold babies went from 50 to 20 of 100."),
    "D12": marked("The big meeting in town: the facilities far away could not come."),
    "N01": marked("Twelve districts with many births and few nurses."),
    "N03": marked("A new rule: every birth is counted on the same day."),
    "N06": marked("Districts look at their numbers each month with the facilities."),
    "N07": marked("Newborn deaths before leaving, from the monthly report: 12, then 9 of 1,000."),
    "N11": marked("Training without visits afterwards."),
    "B01": marked("What keeps newborn babies warm where there is no heater?"),
    "B03": marked("A warm cap for every baby: tried in nine places."),
    "B04": marked("It worked in six of nine teams."),
    "B05": marked("Where caps were not washed and given back."),
    "B08": marked("Dry, cap, skin to skin, in this order."),
}
DOUBTS = {
    Why.NO_PERIOD: marked(
        "This week or month is not understood. Write a day such as 2024-03-04, or a month such as "
        "2024-03."
    ),
    Why.NO_NUMBER: marked("“%(about)s” is not a number."),
    Why.TWO_WAYS: marked("“%(about)s” can be read in two ways. Is the sign in it a decimal point?"),
    Why.NOT_WHOLE: marked("“%(about)s” is not a whole number. How many people were counted?"),
    Why.ABOVE: marked("More were counted than there are: %(about)s. Are the two numbers swapped?"),
    Why.DIFFERS: marked("The two numbers do not give the percentage beside them, %(about)s."),
    Why.TWICE: marked("This week or month stands here twice."),
    Why.LEFT_OUT: marked(
        "Of these columns nothing was used: %(about)s. Add them as a second number if they matter."
    ),
}
NAMINGS = {
    Naming.NAMED: marked("Show the name of our facility"),
    Naming.TYPE_AND_DISTRICT: marked("Show only the kind of facility and the district"),
    Naming.TYPE_AND_COUNTRY: marked("Show only the kind of facility and the country"),
    Naming.ANONYMOUS: marked("Show no place at all"),
}
# What each circle means for whoever tells, in one sentence.
MEANS = {
    Visibility.TEAM: marked("Nobody else sees it. You can open it to others later."),
    Visibility.DISTRICT: marked(
        "They see it at once. Before anybody else sees it, the learning centre asks you."
    ),
    Visibility.COUNTRY: marked(
        "They see it at once. Before the whole world sees it, the learning centre asks you."
    ),
    Visibility.PUBLIC: marked(
        "Your country sees it at once, the world after a check. Nobody asks you again."
    ),
}
CIRCLES = {
    Visibility.TEAM: marked("Only our team and the learning centre"),
    Visibility.DISTRICT: marked("Also the other facilities of our district"),
    Visibility.COUNTRY: marked("Also everybody who works for this in our country"),
    Visibility.PUBLIC: marked("Everybody in the world, after the learning centre has read it"),
}
