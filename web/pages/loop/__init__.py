"""Between teams: reports of reuse, requests and questions, notices, what somebody follows."""

from web.pages.loop import follow, notices, requests, tried

PARTS = (tried, requests, notices, follow)
