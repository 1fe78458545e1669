"""People: signing in, one's own account, invitations, and the accounts of the library."""

from web.pages.people import sign_in

PARTS = (sign_in,)
