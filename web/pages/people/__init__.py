"""People: signing in, one's own account, invitations, and the accounts of the library."""

from web.pages.people import account, accounts, approval, invitation, oidc, password, sign_in

PARTS = (sign_in, oidc, password, invitation, account, accounts, approval)
