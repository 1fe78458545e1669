BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0025');
CREATE TABLE answered (
	id INTEGER NOT NULL, 
	"by" VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	asked_sha256 VARCHAR NOT NULL, 
	job_id INTEGER NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_answered PRIMARY KEY (id), 
	CONSTRAINT ck_answered_key_not_empty CHECK (key <> ''), 
	CONSTRAINT fk_answered_job_id_job FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE CASCADE, 
	CONSTRAINT uq_answered_by_key UNIQUE ("by", "key")
);
INSERT INTO "answered" VALUES(3,'“ü
','“ü
','“ü
',3,'2024-02-29 12:00:00.123456');
CREATE TABLE api_token (
	id INTEGER NOT NULL, 
	token_sha256 VARCHAR NOT NULL, 
	user_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	scopes JSON NOT NULL, 
	at DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT fk_api_token_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_token_token_sha256 UNIQUE (token_sha256)
);
INSERT INTO "api_token" VALUES(3,'“ü
',3,'“ü
','{"\u00e9": [1, null, "\u2028"]}','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456');
CREATE TABLE attachment (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	original BOOLEAN NOT NULL, 
	has_faces BOOLEAN, 
	caption VARCHAR NOT NULL, 
	alt_text VARCHAR NOT NULL, clean VARCHAR, clean_note VARCHAR DEFAULT '' NOT NULL, face_ruling VARCHAR(32) DEFAULT 'open' NOT NULL, 
	CONSTRAINT pk_attachment PRIMARY KEY (id), 
	CONSTRAINT fk_attachment_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_attachment_sha256_source_file FOREIGN KEY(sha256) REFERENCES source_file (sha256), 
	CONSTRAINT uq_attachment_record_id_sha256 UNIQUE (record_id, sha256)
);
INSERT INTO "attachment" VALUES(3,1,'“ü
',1,1,'“ü
','“ü
','“ü
','“ü
','open');
CREATE TABLE batch (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	asked JSON NOT NULL, 
	finished DATETIME, 
	undone DATETIME, 
	undone_by VARCHAR NOT NULL
, why VARCHAR DEFAULT '' NOT NULL);
INSERT INTO "batch" VALUES(3,'2024-02-29 12:00:00.123456','“ü
','ingest','{"\u00e9": [1, null, "\u2028"]}','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','“ü
','“ü
');
CREATE TABLE batch_item (
	id INTEGER NOT NULL, 
	batch_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	became VARCHAR(32) NOT NULL, 
	record_id INTEGER, 
	"before" INTEGER, 
	"after" INTEGER, 
	title VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	doubts JSON NOT NULL, 
	CONSTRAINT pk_batch_item PRIMARY KEY (id), 
	CONSTRAINT fk_batch_item_batch_id_batch FOREIGN KEY(batch_id) REFERENCES batch (id) ON DELETE CASCADE, 
	CONSTRAINT fk_batch_item_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE SET NULL, 
	CONSTRAINT uq_batch_item_batch_id_name UNIQUE (batch_id, name)
);
INSERT INTO "batch_item" VALUES(3,3,3,'“ü
','“ü
','added',1,3,3,'“ü
','“ü
','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE borrowed (
	record_id INTEGER NOT NULL, 
	library VARCHAR NOT NULL, 
	via VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	said JSON NOT NULL, 
	CONSTRAINT pk_borrowed PRIMARY KEY (record_id), 
	CONSTRAINT ck_borrowed_library_not_empty CHECK (library <> ''), 
	CONSTRAINT fk_borrowed_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "borrowed" VALUES(1,'“ü
','“ü
','2024-02-29 12:00:00.123456','“ü
','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE borrowed_collection (
	collection_id INTEGER NOT NULL, 
	library VARCHAR NOT NULL, 
	via VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	edition INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	said JSON NOT NULL, 
	newer JSON, 
	missing JSON NOT NULL, 
	batch_id INTEGER, 
	became VARCHAR(32) NOT NULL, 
	"before" JSON, 
	CONSTRAINT pk_borrowed_collection PRIMARY KEY (collection_id), 
	CONSTRAINT ck_borrowed_collection_library_not_empty CHECK (library <> ''), 
	CONSTRAINT fk_borrowed_collection_collection_id_collection FOREIGN KEY(collection_id) REFERENCES collection (id) ON DELETE CASCADE, 
	CONSTRAINT uq_borrowed_collection_origin UNIQUE (origin)
);
INSERT INTO "borrowed_collection" VALUES(3,'“ü
','“ü
','“ü
',3,'2024-02-29 12:00:00.123456','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}',3,'added','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE change_idea (
	text VARCHAR NOT NULL, 
	steps VARCHAR NOT NULL, 
	who_did_it VARCHAR NOT NULL, 
	started DATE, 
	ended DATE, 
	tests VARCHAR NOT NULL, 
	resource_need VARCHAR(32), 
	decision VARCHAR(32) NOT NULL, 
	verdict VARCHAR(32) NOT NULL, 
	evidence_note VARCHAR NOT NULL, 
	n_sites_tested INTEGER, 
	attachment VARCHAR NOT NULL, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_change_idea PRIMARY KEY (id), 
	CONSTRAINT fk_change_idea_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "change_idea" VALUES('Weigh the baby after the first feed','','',NULL,NULL,'',NULL,'pending','not-reported','',NULL,'',1,1,0);
INSERT INTO "change_idea" VALUES('Weigh the baby after the first feed','','',NULL,NULL,'',NULL,'pending','not-reported','',NULL,'',2,2,0);
INSERT INTO "change_idea" VALUES('Weigh the baby after the first feed','','',NULL,NULL,'',NULL,'pending','not-reported','',NULL,'',3,3,0);
CREATE TABLE change_idea_concept (
	change_idea_id INTEGER NOT NULL, 
	concept_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_change_idea_concept PRIMARY KEY (change_idea_id, concept_id), 
	CONSTRAINT fk_change_idea_concept_change_idea_id_change_idea FOREIGN KEY(change_idea_id) REFERENCES change_idea (id) ON DELETE CASCADE, 
	CONSTRAINT fk_change_idea_concept_concept_id_concept FOREIGN KEY(concept_id) REFERENCES concept (id)
);
INSERT INTO "change_idea_concept" VALUES(1,3,3);
CREATE TABLE "collection" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	title VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	language VARCHAR DEFAULT 'en' NOT NULL, 
	published DATETIME, 
	kind VARCHAR(32) DEFAULT 'reading-list' NOT NULL, 
	audience JSON DEFAULT '[]' NOT NULL, 
	licence VARCHAR DEFAULT ('') NOT NULL, 
	thanks VARCHAR DEFAULT ('') NOT NULL, 
	least_places INTEGER DEFAULT '1' NOT NULL, 
	choices JSON DEFAULT '[]' NOT NULL, 
	based_on_id INTEGER, 
	based_on_edition INTEGER, 
	CONSTRAINT fk_collection_based_on_id_collection FOREIGN KEY(based_on_id) REFERENCES collection (id) ON DELETE SET NULL, 
	CONSTRAINT ck_collection_least_places_range CHECK (least_places >= 0), 
	CONSTRAINT ck_collection_title_not_empty CHECK (title <> '')
);
INSERT INTO "collection" VALUES(3,3,'2024-02-29 12:00:00.123456','“ü
','“ü
','inbox','“ü
','2024-02-29 12:00:00.123456','reading-list','{"\u00e9": [1, null, "\u2028"]}','“ü
','“ü
',3,'{"\u00e9": [1, null, "\u2028"]}',NULL,3);
CREATE TABLE collection_part (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	collection_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	heading VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	record_id INTEGER, 
	clearance VARCHAR(32) NOT NULL, 
	clearance_note VARCHAR NOT NULL, 
	CONSTRAINT ck_collection_part_record_where_named CHECK ((kind = 'record') = (record_id is not null)), 
	CONSTRAINT fk_collection_part_collection_id_collection FOREIGN KEY(collection_id) REFERENCES collection (id) ON DELETE CASCADE, 
	CONSTRAINT fk_collection_part_record_id_record FOREIGN KEY(record_id) REFERENCES record (id), 
	CONSTRAINT uq_collection_part_collection_id_record_id UNIQUE (collection_id, record_id)
);
INSERT INTO "collection_part" VALUES(3,3,3,3,'record','“ü
','“ü
',1,'by-licence','“ü
');
CREATE TABLE concept (
	id INTEGER NOT NULL, 
	scheme VARCHAR(32) NOT NULL, 
	notation VARCHAR NOT NULL, 
	pref_label VARCHAR NOT NULL, 
	deprecated BOOLEAN NOT NULL, 
	replaced_by VARCHAR, 
	CONSTRAINT pk_concept PRIMARY KEY (id), 
	CONSTRAINT uq_concept_notation UNIQUE (notation)
);
INSERT INTO "concept" VALUES(3,'topics','“ü
','“ü
',1,'“ü
');
CREATE TABLE concept_statement (
	id INTEGER NOT NULL, 
	batch_id INTEGER NOT NULL, 
	taken_by INTEGER, 
	subject VARCHAR NOT NULL, 
	predicate VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_concept_statement PRIMARY KEY (id), 
	CONSTRAINT fk_concept_statement_batch_id_batch FOREIGN KEY(batch_id) REFERENCES batch (id) ON DELETE CASCADE, 
	CONSTRAINT fk_concept_statement_taken_by_batch FOREIGN KEY(taken_by) REFERENCES batch (id) ON DELETE SET NULL
);
INSERT INTO "concept_statement" VALUES(3,3,3,'“ü
','“ü
','“ü
','“ü
');
CREATE TABLE "conflict" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	record_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	said JSON NOT NULL, 
	decision VARCHAR NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided DATETIME, batch_id INTEGER, 
	CONSTRAINT ck_conflict_decision_known CHECK (decision in ('', 'ours', 'theirs')), 
	CONSTRAINT fk_conflict_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_conflict_record_id_fingerprint UNIQUE (record_id, fingerprint)
);
INSERT INTO "conflict" VALUES(3,1,'2026-11-28 17:56:54.220339','“ü
','{"\u00e9": [1, null, "\u2028"]}','','','2024-02-29 12:00:00.123456',3);
CREATE TABLE "consent" (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	agreed_by_role VARCHAR NOT NULL, 
	agreed_on DATE NOT NULL, 
	terms_version VARCHAR NOT NULL, 
	visibility VARCHAR(32) NOT NULL, 
	naming VARCHAR(32) NOT NULL, 
	photos BOOLEAN NOT NULL, 
	translation BOOLEAN NOT NULL, 
	ai_processing BOOLEAN NOT NULL, 
	withdrawn DATETIME, 
	ground VARCHAR(32) DEFAULT 'team-agreed' NOT NULL, 
	note VARCHAR DEFAULT '' NOT NULL, 
	patient_voice BOOLEAN DEFAULT 0 NOT NULL, 
	recorded DATETIME DEFAULT '2000-01-01 00:00:00' NOT NULL, 
	recorded_by VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_consent PRIMARY KEY (id), 
	CONSTRAINT uq_consent_record_id UNIQUE (record_id), 
	CONSTRAINT fk_consent_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "consent" VALUES(3,1,'“ü
','2024-02-29','“ü
','team','named',1,1,1,'2024-02-29 12:00:00.123456','team-agreed','“ü
',1,'2024-02-29 12:00:00.123456','“ü
');
CREATE TABLE edition (
	id INTEGER NOT NULL, 
	collection_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_edition PRIMARY KEY (id), 
	CONSTRAINT fk_edition_collection_id_collection FOREIGN KEY(collection_id) REFERENCES collection (id) ON DELETE CASCADE, 
	CONSTRAINT uq_edition_collection_id_number UNIQUE (collection_id, number)
);
INSERT INTO "edition" VALUES(3,3,3,'2024-02-29 12:00:00.123456','“ü
','“ü
','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE enquiry (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(32) NOT NULL, 
	record_id INTEGER, 
	asked_by INTEGER, 
	from_story BOOLEAN NOT NULL, 
	text VARCHAR NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	since DATETIME NOT NULL, 
	closed DATETIME, 
	level VARCHAR(32), 
	first_level VARCHAR(32), 
	overdue DATETIME, 
	country VARCHAR NOT NULL, 
	admin1 VARCHAR NOT NULL, 
	admin2 VARCHAR NOT NULL, 
	CONSTRAINT ck_enquiry_support_of_a_level CHECK (kind <> 'support' or level is not null), 
	CONSTRAINT ck_enquiry_text_not_empty CHECK (text <> ''), 
	CONSTRAINT fk_enquiry_asked_by_user FOREIGN KEY(asked_by) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_enquiry_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE SET NULL
);
INSERT INTO "enquiry" VALUES(3,'support',1,3,1,'“ü
','open','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','community','community','2024-02-29 12:00:00.123456','TZA','“ü
','“ü
');
CREATE TABLE enquiry_message (
	id INTEGER NOT NULL, 
	enquiry_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	speaker VARCHAR(32) NOT NULL, 
	user_id INTEGER, 
	text VARCHAR NOT NULL, 
	records JSON NOT NULL, 
	level VARCHAR(32), 
	CONSTRAINT pk_enquiry_message PRIMARY KEY (id), 
	CONSTRAINT fk_enquiry_message_enquiry_id_enquiry FOREIGN KEY(enquiry_id) REFERENCES enquiry (id) ON DELETE CASCADE, 
	CONSTRAINT fk_enquiry_message_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL
);
INSERT INTO "enquiry_message" VALUES(3,3,'2024-02-29 12:00:00.123456','asker',3,'“ü
','{"\u00e9": [1, null, "\u2028"]}','community');
CREATE TABLE "event" (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	verb VARCHAR NOT NULL, 
	record_id INTEGER, 
	detail JSON NOT NULL, 
	detail_sha256 VARCHAR NOT NULL, 
	previous VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id), 
	CONSTRAINT uq_event_previous UNIQUE (previous)
);
INSERT INTO "event" VALUES(1,'2026-11-28 17:56:53.951121','release','created',1,'{"version": "1", "digest": "8c262bc5e2cf7976fb61e96a7936e1b9398c92717f108f8a70b3fdec9e38b017"}','341d0f1b8a16fb159e1b9ef396f8f6e609181c1b6c5f2dee29cb38eae8246de3','','ec135369ff7ecacbfa801284f2170691f5502598a5ed96db3fd0e7ea969ef74c');
INSERT INTO "event" VALUES(2,'2026-11-28 17:56:53.992090','release','created',2,'{"version": "1", "digest": "8c262bc5e2cf7976fb61e96a7936e1b9398c92717f108f8a70b3fdec9e38b017"}','341d0f1b8a16fb159e1b9ef396f8f6e609181c1b6c5f2dee29cb38eae8246de3','ec135369ff7ecacbfa801284f2170691f5502598a5ed96db3fd0e7ea969ef74c','499b95562640c7b2a4567520320e97b132e8778aae6a0c76b6479b2023f1e65d');
INSERT INTO "event" VALUES(3,'2026-11-28 17:56:54.013584','release','created',3,'{"version": "1", "digest": "8c262bc5e2cf7976fb61e96a7936e1b9398c92717f108f8a70b3fdec9e38b017"}','341d0f1b8a16fb159e1b9ef396f8f6e609181c1b6c5f2dee29cb38eae8246de3','499b95562640c7b2a4567520320e97b132e8778aae6a0c76b6479b2023f1e65d','bfc00118d62ab481343368b7c52f1e16f71769cb08979882125cb42f2ab0cce7');
CREATE TABLE facet (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_facet PRIMARY KEY (id), 
	CONSTRAINT fk_facet_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_facet_record_id_name_value UNIQUE (record_id, name, value)
);
INSERT INTO "facet" VALUES(3,1,'“ü
','“ü
');
CREATE TABLE failed_sign_in (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_failed_sign_in PRIMARY KEY (id)
);
INSERT INTO "failed_sign_in" VALUES(3,'“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	field VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	text VARCHAR NOT NULL, 
	confidence DOUBLE NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	replacement VARCHAR NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided DATETIME, 
	CONSTRAINT pk_finding PRIMARY KEY (id), 
	CONSTRAINT fk_finding_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "finding" VALUES(3,1,'person','“ü
',3,3,'“ü
',0.1,'open','“ü
','“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE follow (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	value VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_follow PRIMARY KEY (id), 
	CONSTRAINT ck_follow_value_not_empty CHECK (value <> ''), 
	CONSTRAINT fk_follow_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_follow_user_id_kind_value UNIQUE (user_id, kind, value)
);
INSERT INTO "follow" VALUES(3,3,'topic','“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE job (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	user_id INTEGER, 
	"by" VARCHAR NOT NULL, 
	created DATETIME NOT NULL, 
	finished DATETIME, 
	state VARCHAR(32) NOT NULL, 
	owner VARCHAR NOT NULL, 
	lease DATETIME, 
	tries INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	files JSON NOT NULL, 
	batch_id INTEGER, 
	error VARCHAR NOT NULL, 
	CONSTRAINT ck_job_tries_counted CHECK (tries >= 0), 
	CONSTRAINT fk_job_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_job_batch_id_batch FOREIGN KEY(batch_id) REFERENCES batch (id) ON DELETE SET NULL
);
INSERT INTO "job" VALUES(3,3,'“ü
','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','waiting','“ü
','2024-02-29 12:00:00.123456',3,3,'{"\u00e9": [1, null, "\u2028"]}',3,'“ü
');
CREATE TABLE judgement (
	id INTEGER NOT NULL, 
	question VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	record_id INTEGER NOT NULL, 
	proposed DATE NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	grade INTEGER, 
	decided_by VARCHAR NOT NULL, 
	decided DATETIME, 
	CONSTRAINT pk_judgement PRIMARY KEY (id), 
	CONSTRAINT ck_judgement_grade_range CHECK (grade between 1 and 3), 
	CONSTRAINT fk_judgement_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_judgement_folded_record_id UNIQUE (folded, record_id)
);
INSERT INTO "judgement" VALUES(3,'“ü
','“ü
','“ü
',1,'2024-02-29','open',3,'“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE likeness (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	score DOUBLE NOT NULL, 
	earlier_id INTEGER, 
	state VARCHAR(32) NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided DATETIME, 
	CONSTRAINT pk_likeness PRIMARY KEY (id), 
	CONSTRAINT ck_likeness_newer_first CHECK (other_id < record_id), 
	CONSTRAINT ck_likeness_score_range CHECK (score between 0 and 1), 
	CONSTRAINT fk_likeness_earlier_id_record FOREIGN KEY(earlier_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_likeness_other_id_record FOREIGN KEY(other_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_likeness_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_likeness_record_id_other_id UNIQUE (record_id, other_id)
);
INSERT INTO "likeness" VALUES(3,3,1,'same-text',0.1,1,'open','“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE link (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (id), 
	CONSTRAINT ck_link_two_records CHECK (record_id <> other_id), 
	CONSTRAINT fk_link_other_id_record FOREIGN KEY(other_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_link_record_id_other_id_kind UNIQUE (record_id, other_id, kind)
);
INSERT INTO "link" VALUES(3,1,3,'supports');
CREATE TABLE link_mail (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	email VARCHAR NOT NULL, 
	ticket_id INTEGER, 
	language VARCHAR NOT NULL, 
	base VARCHAR NOT NULL, 
	due DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	failed VARCHAR NOT NULL, 
	CONSTRAINT pk_link_mail PRIMARY KEY (id), 
	CONSTRAINT ck_link_mail_tries_not_negative CHECK (tries >= 0), 
	CONSTRAINT fk_link_mail_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id) ON DELETE CASCADE
);
INSERT INTO "link_mail" VALUES(3,'2024-02-29 12:00:00.123456','invitation','“ü
',3,'“ü
','“ü
','2024-02-29 12:00:00.123456',3,'“ü
');
CREATE TABLE measure (
	name VARCHAR NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	numerator_text VARCHAR NOT NULL, 
	denominator_text VARCHAR NOT NULL, 
	unit VARCHAR(32) NOT NULL, 
	direction VARCHAR(32), 
	source VARCHAR(32), 
	collector_role VARCHAR NOT NULL, 
	validated_how VARCHAR(32), 
	cadence VARCHAR(32), 
	sampling VARCHAR NOT NULL, 
	target DOUBLE, 
	standard_indicator VARCHAR NOT NULL, 
	baseline_points INTEGER, 
	phases JSON NOT NULL, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_measure PRIMARY KEY (id), 
	CONSTRAINT fk_measure_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "measure" VALUES('“ü
','outcome','“ü
','“ü
','percent','up','register','“ü
','none','day','“ü
',0.1,'“ü
',3,'{"\u00e9": [1, null, "\u2028"]}',3,1,3);
CREATE TABLE message (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	record_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	circle VARCHAR(32) NOT NULL, 
	text VARCHAR NOT NULL, 
	question_id INTEGER, 
	CONSTRAINT ck_message_says_something CHECK (text <> ''), 
	CONSTRAINT ck_message_answers_a_question CHECK ((kind = 'answer') = (question_id is not null)), 
	CONSTRAINT fk_message_question_id_message FOREIGN KEY(question_id) REFERENCES message (id) ON DELETE CASCADE, 
	CONSTRAINT fk_message_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "message" VALUES(3,1,'2024-02-29 12:00:00.123456','“ü
','note','curators','“ü
',NULL);
CREATE TABLE need (
	id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	question VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	concepts VARCHAR NOT NULL, 
	times INTEGER NOT NULL, 
	CONSTRAINT pk_need PRIMARY KEY (id), 
	CONSTRAINT ck_need_times_positive CHECK (times > 0), 
	CONSTRAINT ck_need_says_something CHECK (question <> '' or concepts <> ''), 
	CONSTRAINT uq_need_day_question_language_concepts UNIQUE (day, question, language, concepts)
);
INSERT INTO "need" VALUES(3,'2024-02-29','“ü
','“ü
','“ü
',3);
CREATE TABLE newsletter (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	words VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	record_ids JSON NOT NULL, 
	sent DATETIME, 
	CONSTRAINT ck_newsletter_title_not_empty CHECK (title <> '')
);
INSERT INTO "newsletter" VALUES(3,'2024-02-29 12:00:00.123456','“ü
','“ü
','“ü
','“ü
','{"\u00e9": [1, null, "\u2028"]}','2024-02-29 12:00:00.123456');
CREATE TABLE notice (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	record_id INTEGER, 
	link VARCHAR NOT NULL, 
	detail JSON NOT NULL, 
	seen DATETIME, 
	mail_due DATETIME, 
	mailed DATETIME, 
	tries INTEGER NOT NULL, 
	mail_failed VARCHAR NOT NULL, 
	CONSTRAINT pk_notice PRIMARY KEY (id), 
	CONSTRAINT ck_notice_tries_not_negative CHECK (tries >= 0), 
	CONSTRAINT fk_notice_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_notice_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE
);
INSERT INTO "notice" VALUES(3,3,'2024-02-29 12:00:00.123456','report',1,'“ü
','{"\u00e9": [1, null, "\u2028"]}','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456',3,'“ü
');
CREATE TABLE notice_choice (
	user_id INTEGER NOT NULL, 
	by_mail BOOLEAN NOT NULL, 
	digest VARCHAR(32) NOT NULL, 
	digest_until DATETIME NOT NULL, 
	stop_token VARCHAR NOT NULL, 
	feed_sha256 VARCHAR, 
	CONSTRAINT pk_notice_choice PRIMARY KEY (user_id), 
	CONSTRAINT fk_notice_choice_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_notice_choice_feed_sha256 UNIQUE (feed_sha256), 
	CONSTRAINT uq_notice_choice_stop_token UNIQUE (stop_token)
);
INSERT INTO "notice_choice" VALUES(3,1,'never','2024-02-29 12:00:00.123456','“ü
','“ü
');
CREATE TABLE passage (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	record_id INTEGER NOT NULL, 
	record_version INTEGER NOT NULL, 
	section VARCHAR(32) NOT NULL, 
	section_position INTEGER, 
	heading VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	text VARCHAR NOT NULL, 
	encoded BLOB NOT NULL, 
	encoder VARCHAR NOT NULL, 
	vector BLOB, 
	CONSTRAINT fk_passage_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE TABLE passage_revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	encoder VARCHAR NOT NULL, 
	CONSTRAINT pk_passage_revision PRIMARY KEY (id)
);
CREATE TABLE passage_write (
	id INTEGER NOT NULL, 
	mark VARCHAR(32) NOT NULL, 
	passages INTEGER NOT NULL, 
	CONSTRAINT pk_passage_write PRIMARY KEY (id)
);
CREATE TABLE place (
	country VARCHAR NOT NULL, 
	admin1 VARCHAR NOT NULL, 
	admin2 VARCHAR NOT NULL, 
	facility VARCHAR NOT NULL, 
	facility_code VARCHAR NOT NULL, 
	facility_type VARCHAR(32), 
	ownership VARCHAR(32), 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_place PRIMARY KEY (id), 
	CONSTRAINT fk_place_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "place" VALUES('TZA','','Rungwe','Ilulu Health Centre','',NULL,NULL,1,1,0);
INSERT INTO "place" VALUES('TZA','','Rungwe','Ilulu Health Centre','',NULL,NULL,2,2,0);
INSERT INTO "place" VALUES('TZA','','Rungwe','Ilulu Health Centre','',NULL,NULL,3,3,0);
CREATE TABLE point (
	id INTEGER NOT NULL, 
	measure_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	period DATE NOT NULL, 
	label VARCHAR NOT NULL, 
	numerator DOUBLE, 
	denominator DOUBLE, 
	value DOUBLE, 
	note VARCHAR NOT NULL, 
	provisional BOOLEAN NOT NULL, suppressed VARCHAR(32) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_point PRIMARY KEY (id), 
	CONSTRAINT fk_point_measure_id_measure FOREIGN KEY(measure_id) REFERENCES measure (id) ON DELETE CASCADE
);
INSERT INTO "point" VALUES(3,3,3,'2024-02-29','“ü
',0.1,0.1,0.1,'“ü
',1,'');
CREATE TABLE "record" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	updated DATETIME NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	published DATETIME, 
	record_type VARCHAR(32) NOT NULL, 
	level VARCHAR(32) NOT NULL, 
	title VARCHAR NOT NULL, 
	summary VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	summary_languages JSON NOT NULL, 
	keywords JSON NOT NULL, 
	start_date DATE, 
	end_date DATE, 
	still_running BOOLEAN NOT NULL, 
	aim JSON, 
	baseline JSON, 
	context_numbers JSON NOT NULL, 
	logistics JSON NOT NULL, 
	team_roles JSON NOT NULL, 
	team_lead_role VARCHAR NOT NULL, 
	team_size INTEGER, 
	verdict VARCHAR(32) NOT NULL, 
	verdict_reason VARCHAR NOT NULL, 
	stage VARCHAR(32), 
	resource_need VARCHAR(32), 
	n_facilities INTEGER, 
	n_districts INTEGER, 
	naming VARCHAR(32) NOT NULL, 
	visibility VARCHAR(32) NOT NULL, 
	authors JSON NOT NULL, 
	credit_line VARCHAR NOT NULL, 
	credit_wanted BOOLEAN NOT NULL, 
	contact VARCHAR NOT NULL, 
	offer VARCHAR NOT NULL, 
	source_kind VARCHAR(32) NOT NULL, 
	source_citation VARCHAR NOT NULL, 
	source_url VARCHAR NOT NULL, 
	doi VARCHAR NOT NULL, 
	licence VARCHAR NOT NULL, 
	evidence_note VARCHAR NOT NULL, 
	doubts JSON NOT NULL, 
	review_due DATE, 
	strength INTEGER, 
	strength_band VARCHAR(32) NOT NULL, 
	completeness INTEGER NOT NULL, 
	cost JSON, 
	origin VARCHAR DEFAULT ('') NOT NULL, 
	evidence JSON DEFAULT '[]' NOT NULL, 
	author_id INTEGER, 
	submitted DATETIME, 
	shown_title VARCHAR DEFAULT ('') NOT NULL, 
	shown_summary VARCHAR DEFAULT ('') NOT NULL, 
	shown_naming VARCHAR(32) DEFAULT 'anonymous' NOT NULL, public_since DATETIME, library VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT fk_record_author_id_user FOREIGN KEY(author_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT ck_record_title_not_empty CHECK (title <> ''), 
	CONSTRAINT ck_record_completeness_range CHECK (completeness between 0 and 12), 
	CONSTRAINT ck_record_strength_range CHECK (strength is null or strength between 0 and 10)
);
INSERT INTO "record" VALUES(1,1,'2026-11-28 17:56:52.877836','2026-11-28 17:56:52.877843','draft',NULL,'improvement-story','facility','Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','en','[]','[]',NULL,NULL,0,NULL,NULL,'{}','{}','[]','',NULL,'not-reported','',NULL,NULL,NULL,NULL,'type-and-district','team','[]','',0,'','','imported','','','','CC-BY-4.0','','[]',NULL,NULL,'not-assessed',1,NULL,'','[]',NULL,NULL,'Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','type-and-district',NULL,'');
INSERT INTO "record" VALUES(2,1,'2026-11-28 17:56:53.981649','2026-11-28 17:56:53.981660','draft',NULL,'improvement-story','facility','Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','en','[]','[]',NULL,NULL,0,NULL,NULL,'{}','{}','[]','',NULL,'not-reported','',NULL,NULL,NULL,NULL,'type-and-district','team','[]','',0,'','','imported','','','','CC-BY-4.0','','[]',NULL,NULL,'not-assessed',1,NULL,'','[]',NULL,NULL,'Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','type-and-district',NULL,'');
INSERT INTO "record" VALUES(3,1,'2026-11-28 17:56:53.995611','2026-11-28 17:56:53.995615','draft',NULL,'improvement-story','facility','Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','en','[]','[]',NULL,NULL,0,NULL,NULL,'{}','{}','[]','',NULL,'not-reported','',NULL,NULL,NULL,NULL,'type-and-district','team','[]','',0,'','','imported','','','','CC-BY-4.0','','[]',NULL,NULL,'not-assessed',1,NULL,'','[]',NULL,NULL,'Skin to skin before the scale','Babies stay on the chest for an hour; weighing waits.','type-and-district',NULL,'');
CREATE TABLE record_lock (
	record_id INTEGER NOT NULL, 
	"by" VARCHAR NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_record_lock PRIMARY KEY (record_id), 
	CONSTRAINT fk_record_lock_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "record_lock" VALUES(1,'“ü
','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456');
CREATE TABLE record_version (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	content JSON NOT NULL, standing JSON, 
	CONSTRAINT pk_record_version PRIMARY KEY (id), 
	CONSTRAINT fk_record_version_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_record_version_record_id_version UNIQUE (record_id, version)
);
INSERT INTO "record_version" VALUES(1,1,1,'2026-11-28 17:56:53.971654','release','created','{"record_type": "improvement-story", "level": "facility", "title": "Skin to skin before the scale", "summary": "Babies stay on the chest for an hour; weighing waits.", "language": "en", "summary_languages": [], "sections": [{"role": "problem", "heading": "Problem", "body": "Only 34 % \u2026"}], "change_ideas": [{"text": "Weigh the baby after the first feed", "interventions": [], "steps": "", "who_did_it": "", "started": null, "ended": null, "tests": "", "resource_need": null, "decision": "pending", "verdict": "not-reported", "evidence_note": "", "n_sites_tested": null, "attachment": ""}], "measures": [], "support_activities": [], "support_received": [], "support_requests": [], "places": [{"country": "TZA", "admin1": "", "admin2": "Rungwe", "facility": "Ilulu Health Centre", "facility_code": "", "facility_type": null, "ownership": null}], "tags": [], "facets": [], "keywords": [], "start_date": null, "end_date": null, "still_running": false, "aim": null, "baseline": null, "cost": null, "context_numbers": {}, "logistics": {}, "team_roles": [], "team_lead_role": "", "team_size": null, "verdict": "not-reported", "verdict_reason": "", "stage": null, "resource_need": null, "n_facilities": null, "n_districts": null, "naming": "type-and-district", "visibility": "team", "authors": [], "credit_line": "", "credit_wanted": false, "contact": "", "offer": "", "source_kind": "imported", "source_citation": "", "source_url": "", "doi": "", "licence": "CC-BY-4.0", "origin": "", "evidence_note": "", "evidence": [], "doubts": [], "review_due": null}','{"status": "draft", "published": null, "submitted": null}');
INSERT INTO "record_version" VALUES(2,2,1,'2026-11-28 17:56:53.993871','release','created','{"record_type": "improvement-story", "level": "facility", "title": "Skin to skin before the scale", "summary": "Babies stay on the chest for an hour; weighing waits.", "language": "en", "summary_languages": [], "sections": [{"role": "problem", "heading": "Problem", "body": "Only 34 % \u2026"}], "change_ideas": [{"text": "Weigh the baby after the first feed", "interventions": [], "steps": "", "who_did_it": "", "started": null, "ended": null, "tests": "", "resource_need": null, "decision": "pending", "verdict": "not-reported", "evidence_note": "", "n_sites_tested": null, "attachment": ""}], "measures": [], "support_activities": [], "support_received": [], "support_requests": [], "places": [{"country": "TZA", "admin1": "", "admin2": "Rungwe", "facility": "Ilulu Health Centre", "facility_code": "", "facility_type": null, "ownership": null}], "tags": [], "facets": [], "keywords": [], "start_date": null, "end_date": null, "still_running": false, "aim": null, "baseline": null, "cost": null, "context_numbers": {}, "logistics": {}, "team_roles": [], "team_lead_role": "", "team_size": null, "verdict": "not-reported", "verdict_reason": "", "stage": null, "resource_need": null, "n_facilities": null, "n_districts": null, "naming": "type-and-district", "visibility": "team", "authors": [], "credit_line": "", "credit_wanted": false, "contact": "", "offer": "", "source_kind": "imported", "source_citation": "", "source_url": "", "doi": "", "licence": "CC-BY-4.0", "origin": "", "evidence_note": "", "evidence": [], "doubts": [], "review_due": null}','{"status": "draft", "published": null, "submitted": null}');
INSERT INTO "record_version" VALUES(3,3,1,'2026-11-28 17:56:54.014811','release','created','{"record_type": "improvement-story", "level": "facility", "title": "Skin to skin before the scale", "summary": "Babies stay on the chest for an hour; weighing waits.", "language": "en", "summary_languages": [], "sections": [{"role": "problem", "heading": "Problem", "body": "Only 34 % \u2026"}], "change_ideas": [{"text": "Weigh the baby after the first feed", "interventions": [], "steps": "", "who_did_it": "", "started": null, "ended": null, "tests": "", "resource_need": null, "decision": "pending", "verdict": "not-reported", "evidence_note": "", "n_sites_tested": null, "attachment": ""}], "measures": [], "support_activities": [], "support_received": [], "support_requests": [], "places": [{"country": "TZA", "admin1": "", "admin2": "Rungwe", "facility": "Ilulu Health Centre", "facility_code": "", "facility_type": null, "ownership": null}], "tags": [], "facets": [], "keywords": [], "start_date": null, "end_date": null, "still_running": false, "aim": null, "baseline": null, "cost": null, "context_numbers": {}, "logistics": {}, "team_roles": [], "team_lead_role": "", "team_size": null, "verdict": "not-reported", "verdict_reason": "", "stage": null, "resource_need": null, "n_facilities": null, "n_districts": null, "naming": "type-and-district", "visibility": "team", "authors": [], "credit_line": "", "credit_wanted": false, "contact": "", "offer": "", "source_kind": "imported", "source_citation": "", "source_url": "", "doi": "", "licence": "CC-BY-4.0", "origin": "", "evidence_note": "", "evidence": [], "doubts": [], "review_due": null}','{"status": "draft", "published": null, "submitted": null}');
CREATE TABLE "reuse" (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	"where" VARCHAR NOT NULL, 
	adapted_how VARCHAR NOT NULL, 
	verdict VARCHAR(32) NOT NULL, 
	numbers VARCHAR NOT NULL, 
	country VARCHAR DEFAULT '' NOT NULL, 
	before_n INTEGER, 
	before_of INTEGER, 
	after_n INTEGER, 
	after_of INTEGER, 
	story_id INTEGER, 
	by_id INTEGER, 
	state VARCHAR(32) DEFAULT 'kept' NOT NULL, 
	reason VARCHAR DEFAULT '' NOT NULL, 
	decided_by VARCHAR DEFAULT '' NOT NULL, 
	decided DATETIME, 
	CONSTRAINT pk_reuse PRIMARY KEY (id), 
	CONSTRAINT fk_reuse_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT fk_reuse_by_id_user FOREIGN KEY(by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_reuse_story_id_record FOREIGN KEY(story_id) REFERENCES record (id) ON DELETE SET NULL, 
	CONSTRAINT ck_reuse_before_share CHECK (before_n is null or before_n between 0 and before_of), 
	CONSTRAINT ck_reuse_after_share CHECK (after_n is null or after_n between 0 and after_of)
);
INSERT INTO "reuse" VALUES(3,1,'2024-02-29 12:00:00.123456','“ü
','“ü
','“ü
','worked','“ü
','TZA',3,3,3,3,1,3,'held','“ü
','“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE review (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	reviewer VARCHAR NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	questions JSON NOT NULL, 
	CONSTRAINT pk_review PRIMARY KEY (id), 
	CONSTRAINT fk_review_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "review" VALUES(3,1,3,'2024-02-29 12:00:00.123456','“ü
','inbox','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE role_grant (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	country VARCHAR NOT NULL, 
	admin1 VARCHAR NOT NULL, 
	admin2 VARCHAR NOT NULL, 
	facility VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	CONSTRAINT pk_role_grant PRIMARY KEY (id), 
	CONSTRAINT fk_role_grant_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_role_grant_user_id_role_country_admin1_admin2_facility UNIQUE (user_id, role, country, admin1, admin2, facility)
);
INSERT INTO "role_grant" VALUES(3,3,'reader','TZA','“ü
','“ü
','“ü
','2024-02-29 12:00:00.123456','“ü
');
CREATE TABLE ruling (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	ruled VARCHAR(32) NOT NULL, 
	"before" VARCHAR NOT NULL, 
	"after" VARCHAR NOT NULL, 
	undone DATETIME, 
	CONSTRAINT pk_ruling PRIMARY KEY (id), 
	CONSTRAINT fk_ruling_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "ruling" VALUES(3,1,'2024-02-29 12:00:00.123456','“ü
','“ü
','accepted','“ü
','“ü
','2024-02-29 12:00:00.123456');
CREATE TABLE saved_view (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"by" VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	"query" VARCHAR NOT NULL, 
	shared BOOLEAN NOT NULL, 
	CONSTRAINT ck_saved_view_name_not_empty CHECK (name <> ''), 
	CONSTRAINT uq_saved_view_by_name UNIQUE ("by", name)
);
INSERT INTO "saved_view" VALUES(3,'“ü
','“ü
','“ü
',1);
CREATE TABLE second_reading (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	notations JSON NOT NULL, 
	first JSON NOT NULL, 
	CONSTRAINT pk_second_reading PRIMARY KEY (id), 
	CONSTRAINT fk_second_reading_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_second_reading_record_id_by UNIQUE (record_id, "by")
);
INSERT INTO "second_reading" VALUES(3,1,'“ü
','2024-02-29 12:00:00.123456','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE section (
	role VARCHAR(32) NOT NULL, 
	heading VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_section PRIMARY KEY (id), 
	CONSTRAINT fk_section_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "section" VALUES('problem','Problem','Only 34 % …',1,1,0);
INSERT INTO "section" VALUES('problem','Problem','Only 34 % …',2,2,0);
INSERT INTO "section" VALUES('problem','Problem','Only 34 % …',3,3,0);
CREATE TABLE sign_in (
	id INTEGER NOT NULL, 
	token_sha256 VARCHAR NOT NULL, 
	user_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	seen DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	device VARCHAR NOT NULL, 
	CONSTRAINT pk_sign_in PRIMARY KEY (id), 
	CONSTRAINT fk_sign_in_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sign_in_token_sha256 UNIQUE (token_sha256)
);
INSERT INTO "sign_in" VALUES(3,'“ü
',3,'2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','“ü
');
CREATE TABLE source_file (
	sha256 VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	added DATETIME NOT NULL, 
	CONSTRAINT pk_source_file PRIMARY KEY (sha256)
);
INSERT INTO "source_file" VALUES('“ü
','“ü
','“ü
',3,'2024-02-29 12:00:00.123456');
CREATE TABLE story_draft (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	updated DATETIME NOT NULL, 
	user_id INTEGER, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	path VARCHAR NOT NULL, 
	answers JSON NOT NULL, 
	saved JSON NOT NULL, 
	beside JSON NOT NULL, 
	photos JSON NOT NULL, 
	agreed JSON NOT NULL, 
	hidden JSON NOT NULL, 
	sha256 VARCHAR, 
	record_id INTEGER, 
	sent JSON, 
	CONSTRAINT ck_story_draft_kind_not_empty CHECK (kind <> ''), 
	CONSTRAINT fk_story_draft_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_story_draft_sha256_source_file FOREIGN KEY(sha256) REFERENCES source_file (sha256), 
	CONSTRAINT fk_story_draft_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE SET NULL, 
	CONSTRAINT uq_story_draft_record_id UNIQUE (record_id)
);
INSERT INTO "story_draft" VALUES(3,3,'2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456',3,'“ü
','“ü
','“ü
','“ü
','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','{"\u00e9": [1, null, "\u2028"]}','“ü
',1,'{"\u00e9": [1, null, "\u2028"]}');
CREATE TABLE support_activity (
	activity VARCHAR NOT NULL, 
	intervention VARCHAR, 
	n_facilities INTEGER, 
	dose VARCHAR NOT NULL, 
	frequency VARCHAR NOT NULL, 
	period VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_support_activity PRIMARY KEY (id), 
	CONSTRAINT fk_support_activity_intervention_concept FOREIGN KEY(intervention) REFERENCES concept (notation), 
	CONSTRAINT fk_support_activity_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "support_activity" VALUES('“ü
','“ü
',3,'“ü
','“ü
','“ü
','“ü
',3,1,3);
CREATE TABLE support_received (
	what VARCHAR NOT NULL, 
	from_whom VARCHAR NOT NULL, 
	usefulness INTEGER, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_support_received PRIMARY KEY (id), 
	CONSTRAINT fk_support_received_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "support_received" VALUES('“ü
','“ü
',3,3,1,3);
CREATE TABLE support_request (
	text VARCHAR NOT NULL, 
	from_level VARCHAR(32) NOT NULL, 
	state VARCHAR NOT NULL, 
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_support_request PRIMARY KEY (id), 
	CONSTRAINT fk_support_request_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "support_request" VALUES('“ü
','community','“ü
',3,1,3);
CREATE TABLE tag (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	concept_id INTEGER NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	confidence DOUBLE NOT NULL, 
	evidence VARCHAR NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	confirmed_by VARCHAR NOT NULL, 
	at DATETIME, section VARCHAR DEFAULT '' NOT NULL, neighbour VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_tag PRIMARY KEY (id), 
	CONSTRAINT ck_tag_confidence_range CHECK (confidence between 0 and 1), 
	CONSTRAINT fk_tag_concept_id_concept FOREIGN KEY(concept_id) REFERENCES concept (id), 
	CONSTRAINT fk_tag_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_tag_record_id_concept_id UNIQUE (record_id, concept_id)
);
INSERT INTO "tag" VALUES(3,1,3,'author',0.1,'“ü
','suggested','“ü
','2024-02-29 12:00:00.123456','“ü
','“ü
');
CREATE TABLE text_signature (
	record_id INTEGER NOT NULL, 
	record_version INTEGER NOT NULL, 
	text_sha256 VARCHAR NOT NULL, 
	minhash BLOB NOT NULL, 
	modified DATE, 
	CONSTRAINT pk_text_signature PRIMARY KEY (record_id), 
	CONSTRAINT fk_text_signature_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE
);
INSERT INTO "text_signature" VALUES(1,3,'“ü
',X'00FF','2024-02-29');
CREATE TABLE "ticket" (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	token_sha256 VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	user_id INTEGER, 
	record_id INTEGER, 
	detail JSON NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	expires DATETIME NOT NULL, 
	used DATETIME, 
	mailed_sha256 VARCHAR, 
	CONSTRAINT pk_ticket PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_ticket_token_sha256 UNIQUE (token_sha256), 
	CONSTRAINT fk_ticket_record_id_record FOREIGN KEY(record_id) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_ticket_mailed_sha256 UNIQUE (mailed_sha256)
);
INSERT INTO "ticket" VALUES(3,'invitation','“ü
','“ü
',3,1,'{"\u00e9": [1, null, "\u2028"]}','2024-02-29 12:00:00.123456','“ü
','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','“ü
');
CREATE TABLE usage (
	day DATE NOT NULL, 
	thing VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	way VARCHAR(32) NOT NULL, 
	times INTEGER NOT NULL, 
	visitors INTEGER NOT NULL, 
	CONSTRAINT pk_usage PRIMARY KEY (day, thing, number, way), 
	CONSTRAINT ck_usage_times_enough CHECK (times >= visitors and visitors >= 0)
);
INSERT INTO "usage" VALUES('2024-02-29','library',3,'investigation',3,3);
CREATE TABLE user (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	email VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	created DATETIME NOT NULL, 
	disabled DATETIME, 
	password_hash VARCHAR, 
	password_set DATETIME, 
	oidc VARCHAR, 
	totp_secret VARCHAR, 
	totp_since DATETIME, 
	totp_step INTEGER, 
	CONSTRAINT ck_user_email_not_empty CHECK (email <> ''), 
	CONSTRAINT uq_user_email UNIQUE (email), 
	CONSTRAINT uq_user_oidc UNIQUE (oidc)
);
INSERT INTO "user" VALUES(3,'“ü
','“ü
','“ü
','2024-02-29 12:00:00.123456','2024-02-29 12:00:00.123456','“ü
','2024-02-29 12:00:00.123456','“ü
','“ü
','2024-02-29 12:00:00.123456',3);
CREATE INDEX ix_concept_scheme ON concept (scheme);
CREATE INDEX ix_attachment_record_id ON attachment (record_id);
CREATE INDEX ix_attachment_sha256 ON attachment (sha256);
CREATE INDEX ix_change_idea_record_id ON change_idea (record_id);
CREATE INDEX ix_change_idea_verdict ON change_idea (verdict);
CREATE INDEX ix_facet_record_id ON facet (record_id);
CREATE INDEX ix_link_other_id ON link (other_id);
CREATE INDEX ix_link_record_id ON link (record_id);
CREATE INDEX ix_measure_record_id ON measure (record_id);
CREATE INDEX ix_place_country ON place (country);
CREATE INDEX ix_place_facility_type ON place (facility_type);
CREATE INDEX ix_place_record_id ON place (record_id);
CREATE INDEX ix_record_version_record_id ON record_version (record_id);
CREATE INDEX ix_review_record_id ON review (record_id);
CREATE INDEX ix_section_record_id ON section (record_id);
CREATE INDEX ix_support_activity_record_id ON support_activity (record_id);
CREATE INDEX ix_support_received_record_id ON support_received (record_id);
CREATE INDEX ix_support_request_record_id ON support_request (record_id);
CREATE INDEX ix_support_request_state ON support_request (state);
CREATE INDEX ix_tag_concept_id_status ON tag (concept_id, status);
CREATE INDEX ix_tag_record_id ON tag (record_id);
CREATE INDEX ix_change_idea_concept_concept_id ON change_idea_concept (concept_id);
CREATE INDEX ix_point_measure_id ON point (measure_id);
CREATE INDEX ix_batch_item_batch_id ON batch_item (batch_id);
CREATE INDEX ix_batch_item_record_id ON batch_item (record_id);
CREATE INDEX ix_finding_record_id_state ON finding (record_id, state);
CREATE INDEX ix_likeness_other_id ON likeness (other_id);
CREATE INDEX ix_likeness_record_id ON likeness (record_id);
CREATE INDEX ix_text_signature_text_sha256 ON text_signature (text_sha256);
CREATE INDEX ix_judgement_record_id ON judgement (record_id);
CREATE INDEX ix_judgement_proposed ON judgement (proposed);
CREATE INDEX ix_passage_record_id_record_version_encoder ON passage (record_id, record_version, encoder);
CREATE INDEX ix_event_verb ON event (verb);
CREATE INDEX ix_event_record_id ON event (record_id);
CREATE INDEX ix_failed_sign_in_key_at ON failed_sign_in ("key", at);
CREATE INDEX ix_api_token_user_id ON api_token (user_id);
CREATE INDEX ix_role_grant_user_id ON role_grant (user_id);
CREATE INDEX ix_sign_in_user_id ON sign_in (user_id);
CREATE INDEX ix_concept_statement_batch_id ON concept_statement (batch_id);
CREATE INDEX ix_concept_statement_taken_by ON concept_statement (taken_by);
CREATE INDEX ix_collection_part_collection_id ON collection_part (collection_id);
CREATE INDEX ix_collection_part_record_id ON collection_part (record_id);
CREATE INDEX ix_edition_collection_id ON edition (collection_id);
CREATE INDEX ix_ruling_record_id_field ON ruling (record_id, field);
CREATE INDEX ix_message_record_id ON message (record_id);
CREATE INDEX ix_second_reading_record_id ON second_reading (record_id);
CREATE INDEX ix_follow_user_id ON follow (user_id);
CREATE INDEX ix_enquiry_asked_by ON enquiry (asked_by);
CREATE INDEX ix_enquiry_country ON enquiry (country);
CREATE INDEX ix_enquiry_kind_state_since ON enquiry (kind, state, since);
CREATE INDEX ix_enquiry_record_id ON enquiry (record_id);
CREATE INDEX ix_notice_mail_due ON notice (mail_due);
CREATE INDEX ix_notice_record_id ON notice (record_id);
CREATE INDEX ix_notice_user_id_seen ON notice (user_id, seen);
CREATE INDEX ix_enquiry_message_enquiry_id ON enquiry_message (enquiry_id);
CREATE INDEX ix_reuse_record_id ON reuse (record_id);
CREATE INDEX ix_reuse_story_id ON reuse (story_id);
CREATE INDEX ix_story_draft_user_id ON story_draft (user_id);
CREATE INDEX ix_story_draft_by ON story_draft ("by");
CREATE INDEX ix_record_strength ON record (strength);
CREATE INDEX ix_record_origin ON record (origin);
CREATE INDEX ix_record_verdict ON record (verdict);
CREATE INDEX ix_record_visibility ON record (visibility);
CREATE INDEX ix_record_level ON record (level);
CREATE INDEX ix_record_published ON record (published);
CREATE INDEX ix_record_record_type ON record (record_type);
CREATE INDEX ix_record_start_date ON record (start_date);
CREATE INDEX ix_record_strength_band ON record (strength_band);
CREATE INDEX ix_record_author_id ON record (author_id);
CREATE INDEX ix_record_language ON record (language);
CREATE INDEX ix_record_status_version ON record (status, version);
CREATE INDEX ix_ticket_record_id ON ticket (record_id);
CREATE INDEX ix_ticket_user_id ON ticket (user_id);
CREATE INDEX ix_link_mail_due ON link_mail (due);
CREATE INDEX ix_link_mail_ticket_id ON link_mail (ticket_id);
CREATE INDEX ix_job_user_id ON job (user_id);
CREATE INDEX ix_job_state_created ON job (state, created);
CREATE INDEX ix_answered_expires ON answered (expires);
CREATE INDEX ix_borrowed_fingerprint ON borrowed (fingerprint);
CREATE INDEX ix_collection_based_on_id ON collection (based_on_id);
CREATE INDEX ix_newsletter_sent ON newsletter (sent);
CREATE INDEX ix_borrowed_collection_batch_id ON borrowed_collection (batch_id);
CREATE TRIGGER event_insert_1 before insert on event when new.previous is not coalesce((select hash from event order by id desc limit 1), '') or exists (select 1 from event where id = new.id) begin select raise(abort, 'An event has to follow the last one: kb.audit.append adds it.'); end;
CREATE TRIGGER event_update_1 before update on event when not (new."id" is old."id" and new."at" is old."at" and new."by" is old."by" and new."verb" is old."verb" and new."record_id" is old."record_id" and new."detail_sha256" is old."detail_sha256" and new."previous" is old."previous" and new."hash" is old."hash" and new.detail = '{}' and exists (select 1 from event as later where later.verb = 'purged' and later.record_id = old.record_id and later.id > old.id)) begin select raise(abort, 'What happened is never changed: docs/history.md names the two lawful ways.'); end;
CREATE TRIGGER event_delete_1 before delete on event when true begin select raise(abort, 'What happened is never changed: docs/history.md names the two lawful ways.'); end;
CREATE TRIGGER record_version_insert_1 before insert on record_version when exists (select 1 from record_version as known where known.id = new.id or (known.record_id = new.record_id and known.version = new.version)) begin select raise(abort, 'That version is written already.'); end;
CREATE TRIGGER record_version_update_1 before update on record_version when not (new."id" is old."id" and new."record_id" is old."record_id" and new."version" is old."version" and new."at" is old."at" and new."by" is old."by" and new."note" is old."note" and new."standing" is old."standing" and new.content = '{}' and exists (select 1 from event as later where later.verb = 'purged' and later.record_id = old.record_id and later.at >= old.at)) begin select raise(abort, 'What happened is never changed: docs/history.md names the two lawful ways.'); end;
CREATE TRIGGER record_version_delete_1 before delete on record_version when not exists (select 1 from event where verb = 'removed' and event.record_id = old.record_id) begin select raise(abort, 'What happened is never changed: docs/history.md names the two lawful ways.'); end;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('collection_part',3);
INSERT INTO "sqlite_sequence" VALUES('record',3);
INSERT INTO "sqlite_sequence" VALUES('collection',3);
INSERT INTO "sqlite_sequence" VALUES('batch',3);
INSERT INTO "sqlite_sequence" VALUES('newsletter',3);
INSERT INTO "sqlite_sequence" VALUES('saved_view',3);
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('job',3);
INSERT INTO "sqlite_sequence" VALUES('conflict',3);
INSERT INTO "sqlite_sequence" VALUES('enquiry',3);
INSERT INTO "sqlite_sequence" VALUES('message',3);
INSERT INTO "sqlite_sequence" VALUES('story_draft',3);
COMMIT;
