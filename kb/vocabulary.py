"""The closed sets of values; taxonomy.yaml has their labels, by the facet of the same name."""

from enum import StrEnum


class RecordType(StrEnum):
    """What kind of knowledge a record holds (facet `record_type`)."""

    IMPROVEMENT_STORY = "improvement-story"
    SUPPORT_STORY = "support-story"
    CASE_STUDY = "case-study"
    CHANGE_IDEA = "change-idea"
    CHANGE_PACKAGE = "change-package"
    LEARNING_BRIEF = "learning-brief"
    REVIEW_FINDING = "review-finding"
    REPORT = "report"
    TOOL_OR_TEMPLATE = "tool-or-template"
    GUIDELINE_OR_STANDARD = "guideline-or-standard"
    POLICY = "policy"
    TRAINING_MATERIAL = "training-material"
    RESEARCH_ARTICLE = "research-article"
    PRESENTATION = "presentation"
    AUDIO_VIDEO = "audio-video"
    DATASET = "dataset"
    EXTERNAL_LINK = "external-link"


class Level(StrEnum):
    """The level of the health system the learning comes from (facet `level`)."""

    COMMUNITY = "community"
    FACILITY = "facility"
    DISTRICT = "district"
    REGION = "region"
    NATIONAL = "national"
    GLOBAL = "global"


class FacilityType(StrEnum):
    """What kind of place gives the care (facet `facility_type`)."""

    HEALTH_POST = "health-post"
    HEALTH_CENTRE = "health-centre"
    MATERNITY_HOME = "maternity-home"
    FIRST_REFERRAL_HOSPITAL = "first-referral-hospital"
    REGIONAL_HOSPITAL = "regional-hospital"
    TERTIARY_HOSPITAL = "tertiary-hospital"
    SPECIALISED_MCH_HOSPITAL = "specialised-mch-hospital"
    COMMUNITY_SETTING = "community-setting"
    MOBILE_CLINIC = "mobile-clinic"
    ADMINISTRATIVE = "administrative"


class Ownership(StrEnum):
    """Who owns the facility (facet `ownership`)."""

    PUBLIC = "public"
    FAITH_BASED = "faith-based"
    NGO = "ngo"
    PRIVATE_FOR_PROFIT = "private-for-profit"
    PUBLIC_PRIVATE = "public-private"


class Verdict(StrEnum):
    """What became of a change (facet `outcome_verdict`); WORKED is never inferred."""

    WORKED = "worked"
    PARTLY = "partly"
    DID_NOT_WORK = "did-not-work"
    TOO_EARLY = "too-early"
    WORKED_THEN_LOST = "worked-then-lost"
    HARMED = "harmed"
    NOT_APPLICABLE = "not-applicable"
    NOT_REPORTED = "not-reported"


class Decision(StrEnum):
    """What the team decided about a change idea (facet `change_decision`)."""

    ADOPTED = "adopted"
    ADAPTED = "adapted"
    ABANDONED = "abandoned"
    PENDING = "pending"


class ResourceNeed(StrEnum):
    """What a change needs beyond what is there (facet `resource_need`)."""

    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Stage(StrEnum):
    """How far the change has come (facet `implementation_stage`)."""

    TESTING = "testing"
    IMPLEMENTED = "implemented"
    SUSTAINED = "sustained"
    SPREAD = "spread"
    INSTITUTIONALISED = "institutionalised"
    STOPPED = "stopped"


class MeasureType(StrEnum):
    """What a measure counts (facet `measure_type`)."""

    OUTCOME = "outcome"
    EXPERIENCE = "experience"
    PROCESS = "process"
    BALANCING = "balancing"
    STRUCTURE = "structure"
    ACTIVITY = "activity"


class Unit(StrEnum):
    """The unit of a measure's values."""

    PERCENT = "percent"
    COUNT = "count"
    RATE = "rate"
    DAYS = "days"
    MINUTES = "minutes"


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class Cadence(StrEnum):
    """How often a measure is counted."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"


class DataSource(StrEnum):
    """Where the numbers of a measure come from."""

    REGISTER = "register"
    HMIS = "hmis"
    OBSERVATION = "observation"
    INTERVIEW = "interview"
    OTHER = "other"


class Validation(StrEnum):
    """How the numbers were checked."""

    NONE = "none"
    DOUBLE_COUNT = "double-count"
    CROSS_CHECK = "register-cross-check"
    COACH_RECHECK = "coach-re-check"
    DQA = "dqa"
    OTHER = "other"


class SectionRole(StrEnum):
    """What a section of the narrative tells (`domain` fields of the record, in reading order)."""

    SUMMARY = "summary"
    CONTEXT = "context"
    PROBLEM = "problem"
    AIM = "aim"
    TEAM = "team"
    CAUSES = "causes"
    CHANGES = "changes"
    MEASURES = "measures"
    RESULTS = "results"
    DID_NOT_WORK = "did-not-work"
    UNINTENDED = "unintended"
    LOGISTICS = "logistics"
    COST = "cost"
    SUSTAINABILITY = "sustainability"
    SPREAD = "spread"
    ADVICE = "advice"
    COMMUNITY = "community"
    SUPPORT = "support"
    POLICY = "policy"
    CONCLUSION = "conclusion"
    ACKNOWLEDGEMENT = "acknowledgement"
    REFERENCES = "references"
    OTHER = "other"


class Naming(StrEnum):
    """How the facility may be shown outside its team (facet `facility_naming`)."""

    NAMED = "named"
    TYPE_AND_DISTRICT = "type-and-district"
    TYPE_AND_COUNTRY = "type-and-country"
    ANONYMOUS = "anonymous"


class Visibility(StrEnum):
    """Who may see a record (facet `visibility`), narrowest first."""

    TEAM = "team"
    DISTRICT = "district"
    COUNTRY = "country"
    PUBLIC = "public"


class Status(StrEnum):
    """Where a record stands on its way to the reader (facet `editorial_status`)."""

    INBOX = "inbox"
    DRAFT = "draft"
    PRIVACY_CHECK = "privacy-check"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    PUBLISHED = "published"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


class TagSource(StrEnum):
    """Who or what proposed a tag."""

    AUTHOR = "author"
    RULE = "rule"  # words of the text: a label, a cue
    MODEL = "model"  # a sentence that means it, by the encoder
    NEIGHBOUR = "neighbour"  # confirmed on records that tell of the same
    CURATOR = "curator"


class TagStatus(StrEnum):
    """Only confirmed tags count in public facets; suggested ones still help search."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class SourceKind(StrEnum):
    """How a record came into the library."""

    AUTHORED = "authored"
    IMPORTED = "imported"
    HARVESTED = "harvested"


class LinkKind(StrEnum):
    """How one record stands to another."""

    SUPPORTS = "supports"
    BASED_ON = "based-on"
    REPLICATED_FROM = "replicated-from"
    CONTRADICTS = "contradicts"


class Role(StrEnum):
    """What a user may do, least first."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    COACH = "coach"
    CURATOR = "curator"
    PUBLISHER = "publisher"
    ADMIN = "admin"


class Errand(StrEnum):
    """What a link that works once is for."""

    INVITATION = "invitation"
    RESET = "reset"  # of a password
    APPROVAL = "approval"  # of a record, by somebody without an account
    OIDC = "oidc"  # the way to another server that says who somebody is, and back


class ApiScope(StrEnum):
    """What a program may do with its token, never more than its owner may."""

    READ = "read"
    WRITE = "write"


class Scheme(StrEnum):
    """The two concept schemes of taxonomy.yaml."""

    TOPICS = "topics"
    INTERVENTIONS = "interventions"


class StrengthBand(StrEnum):
    """How strong the data of a record are (facet `data_strength`); computed, never typed."""

    COMPELLING = "compelling"
    GOOD = "good"
    EMERGING = "emerging"
    STORY_ONLY = "story-only"
    NOT_ASSESSED = "not-assessed"


class BatchKind(StrEnum):
    """What one run did to many records."""

    INGEST = "ingest"
    IMPORT = "import"
    EDIT = "edit"  # the same change to many records
    TAXONOMY = "taxonomy"  # the library's own concepts and labels, with the records re-tagged
    DECISION = "decision"  # what was changed here and at its home: ours or theirs


class JobState(StrEnum):
    """How far work is that somebody asked for and does not wait for."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the work as a whole; a file that cannot be read fails alone


class Became(StrEnum):
    """What became of one file, or of one row of an import."""

    ADDED = "added"
    CHANGED = "changed"
    KNOWN = "known"
    FAILED = "failed"


class IdentifierKind(StrEnum):
    """What may tell a reader who a patient, a relative or a member of staff is."""

    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth-date"
    PATIENT_NUMBER = "patient-number"  # hospital, register or insurance number
    NATIONAL_ID = "national-id"
    ADDRESS = "address"
    COORDINATES = "coordinates"
    RARE_EVENT = "rare-event"  # village, date and an event that few people had there
    FACE = "face"  # asked for each picture; nobody but a person can tell
    METADATA = "metadata"  # author, company, camera position in the file itself
    COMMENT = "comment"
    TRACKED_CHANGE = "tracked-change"


class FindingState(StrEnum):
    """What a curator decided about something that may identify a person."""

    OPEN = "open"
    REDACTED = "redacted"
    REPLACED = "replaced"  # by a role, such as “a mother”
    KEPT = "kept"  # it identifies nobody, or they agreed


class FaceRuling(StrEnum):
    """What a curator who looked at a photo decided about the faces on it."""

    OPEN = "open"
    NO_FACE = "no-face"  # nobody can be recognised
    COVERED = "covered"  # this is the copy on which faces are covered
    AGREED = "agreed"  # whoever is shown agreed, and that is written down


class LikenessKind(StrEnum):
    """How two records tell the same."""

    SAME_TEXT = "same-text"
    NEAR_TEXT = "near-text"
    EARLIER_VERSION = "earlier-version"


class LikenessState(StrEnum):
    """What a curator decided about two records that look alike."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class JudgementState(StrEnum):
    """What a curator decided about a record that a reader missed among the answers."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Awaits(StrEnum):
    """What a record of the queue waits for; a doubt is a note, and waits for nobody."""

    ANYTHING = "anything"
    PRIVACY = "privacy"  # findings that nobody decided
    LIKENESS = "likeness"  # another record that may tell the same
    TAGS = "tags"  # suggestions that nobody accepted or rejected
    DOUBTS = "doubts"  # ingest was not sure of something
    NOTHING = "nothing"  # no finding, likeness or suggestion is open


class Ground(StrEnum):
    """On what ground a record may be shown."""

    TEAM_AGREED = "team-agreed"  # asked here, at submit or by a curator
    AGREED_ELSEWHERE = "agreed-elsewhere"  # on paper, by letter: the note says where that is
    OPEN_LICENCE = "open-licence"  # published already, under a licence that allows it
    PUBLISHED_ALREADY = "published-already"  # by its team, for everybody to read
    ILLUSTRATION = "illustration"  # invented, of nobody


class CollectionKind(StrEnum):
    """What records were put together for."""

    READING_LIST = "reading-list"  # stories to read, in an order
    CHANGE_PACKAGE = "change-package"  # what to do, from what several teams kept
    SYNTHESIS_BRIEF = "synthesis-brief"  # what is known of a question, and what is not


class PartKind(StrEnum):
    """What a part of a collection is: a record, the curator's words, or made from the records."""

    RECORD = "record"
    WORDS = "words"
    QUESTION = "question"
    CONDITIONS = "conditions"
    SUGGESTED = "suggested"
    INCLUDED = "included"  # made: the records, each with why it is in
    TRIED = "tried"  # made: the table of change ideas
    HAPPENED = "happened"  # made: counts by verdict, what was measured
    DID_NOT_WORK = "did-not-work"  # made
    NOT_KNOWN = "not-known"  # made
    FOR_WHOM = "for-whom"  # made: the audience


class Audience(StrEnum):
    """Whom something is written for (facet `audience`)."""

    FRONTLINE_STAFF = "frontline-staff"
    FACILITY_LEADERS = "facility-leaders"
    COACHES_MENTORS = "coaches-mentors"
    DISTRICT_MANAGERS = "district-managers"
    POLICY_MAKERS = "policy-makers"
    LEARNING_CENTRE = "learning-centre"
    COMMUNITY_REPRESENTATIVES = "community-representatives"
    RESEARCHERS = "researchers"
    PARTNERS = "partners"


class Clearance(StrEnum):
    """What a curator decided about a record whose licence may not allow what a package does."""

    BY_LICENCE = "by-licence"  # nothing decided: its licence has to allow it
    PERMITTED = "permitted"  # whoever holds the rights agreed
    LINKED = "linked"  # only its title and a link: none of its words stand in the package


class Order(StrEnum):
    """In which order the queue stands."""

    VALUE = "value"  # age, demand, gaps, doubt about its tags
    AGE = "age"  # the oldest first


class Turn(StrEnum):
    """Whom a record of the queue waits for."""

    CURATOR = "curator"
    AUTHOR = "author"  # it was sent back with questions
    SECOND = "second"  # one person said that it is ready; another one publishes it


class Ruled(StrEnum):
    """What a curator decided about a field of a record."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"


class MessageKind(StrEnum):
    """What a message of a thread is."""

    NOTE = "note"
    QUESTION = "question"
    ANSWER = "answer"


class Circle(StrEnum):
    """Who may read a message of a thread."""

    CURATORS = "curators"
    TEAM = "team"  # the record's team, and the curators


class ReportState(StrEnum):
    """Where a report that another team tried it too stands; held and hidden ones are not shown."""

    HELD = "held"  # something in it may name somebody: a curator looks first
    NEW = "new"  # shown, not yet reviewed
    KEPT = "kept"
    HIDDEN = "hidden"


class EnquiryKind(StrEnum):
    """What somebody asks of others."""

    SUPPORT = "support"  # help, of a level above
    TEAM = "team"  # a question to the team of a record, through the library


class EnquiryState(StrEnum):
    """Where an enquiry stands; only who asked closes it."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Speaker(StrEnum):
    """Which side of an enquiry says something: people are not named there."""

    ASKER = "asker"
    TEAM = "team"
    LEVEL = "level"  # the district, the region, the country
    LIBRARY = "library"
    CLOCK = "clock"  # nobody: time passed, and it went on to the level above


class NoticeKind(StrEnum):
    """What somebody is told."""

    REPORT = "report"  # another team tried what a record of yours tells
    REPORT_TO_REVIEW = "report-to-review"
    REPORT_HIDDEN = "report-hidden"
    SUPPORT_ASKED = "support-asked"
    SUPPORT_ESCALATED = "support-escalated"
    SUPPORT_OVERDUE = "support-overdue"
    TEAM_ASKED = "team-asked"
    ANSWERED = "answered"
    DIGEST = "digest"
    RETURNED = "returned"  # a story of yours came back with questions
    PUBLISHED = "published"
    COMMENTED = "commented"
    LETTER = "letter"  # a newsletter
    OVERDUE = "overdue"  # a story waits too long for a curator


class FollowKind(StrEnum):
    """What somebody can follow."""

    TOPIC = "topic"
    INTERVENTION = "intervention"
    PLACE = "place"
    RECORD = "record"


class DigestEvery(StrEnum):
    """How often somebody hears of what is new among what they follow."""

    NEVER = "never"
    DAY = "day"
    WEEK = "week"


class Suppressed(StrEnum):
    """What of a point is kept back from readers, because it may tell who was counted."""

    NOTHING = ""
    FEW = "few"  # one to four people were counted
    REST = "rest"  # all but one to four were: of deaths, that tells the others


class Counted(StrEnum):
    """What is counted how often it is used."""

    LIBRARY = "library"
    RECORD = "record"
    COLLECTION = "collection"


class Use(StrEnum):
    """How it was used; COUNTER's words."""

    INVESTIGATION = "investigation"  # looked at or taken home
    REQUEST = "request"  # taken home: as a file, a citation, on paper
    SEARCH = "search"
