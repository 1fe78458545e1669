"""Tell a story: one question a screen, kept with every step, sent in when it is ready."""

from web.pages.tell import asking, mine, photos, questions, review, sending_files, showing

# The screens by name come last: their addresses fit others, too.
PARTS = (mine, questions, sending_files, photos, showing, review, asking)
