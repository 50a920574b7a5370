-- What services send: reports, their incidents, parties, identifiers as reported, and files. Counted apart, never mixed.
-- breaking: no

create schema intake;

create table intake.report (
  id bigint generated always as identity (start with 1000001) primary key,
  -- The unique reference (URN) that is given at filing.
  reference text unique,
  provider_id uuid not null references access.provider (id),
  environment text not null check (environment in ('production', 'sandbox')),
  door text not null check (door in ('ispws', 'v1')),
  profile text not null check (profile in ('cybertip', 'uk')),
  state text not null check (state in ('open', 'filed', 'retracted', 'expired')),
  opened_at timestamptz not null,
  modified_at timestamptz not null,
  expires_at timestamptz,
  filed_at timestamptz,
  ended_at timestamptz,
  incident_type text not null,
  incident_at timestamptz not null,
  platform text,
  escalation text,
  declared_priority smallint check (declared_priority between 1 and 3),
  annotations text[] not null default '{}',
  batch_reason text,
  is_synthetic boolean not null,
  prior_reports text[] not null default '{}',
  -- Everything that was sent, as a tree of named nodes in order; emptied to null when the report is retracted or expires.
  sent jsonb,
  warnings jsonb not null default '[]',
  document_sha256 text not null,
  file_count integer not null default 0,
  incident_count integer not null,
  -- SHA-256 over the document's and the files' digests: equal for a report that was sent twice.
  filing_digest text,
  duplicate_of bigint references intake.report (id),
  check ((state = 'open') = (expires_at is not null)),
  check ((state = 'filed') = (filed_at is not null and reference is not null)),
  check ((state in ('retracted', 'expired')) = (ended_at is not null))
);
create index report_expiry on intake.report (expires_at) where state = 'open';
create index report_filed on intake.report (filed_at, id) where state = 'filed';
-- For lists and counts of every state, without reading what was sent.
create index report_state on intake.report (environment, state, id) include (file_count);
create index report_provider on intake.report (provider_id, id);
create index report_digest on intake.report (provider_id, filing_digest) where filing_digest is not null;
create index report_duplicates on intake.report (duplicate_of) where duplicate_of is not null;

-- The document exactly as it arrived, for a court that asks; removed when the report is retracted or expires.
create table intake.document (
  id bigint generated always as identity primary key,
  report_id bigint not null references intake.report (id),
  file_id text,
  kind text not null check (kind in ('report', 'file-details')),
  media_type text not null,
  body bytea not null,
  sha256 text not null,
  received_at timestamptz not null
);
create index document_report on intake.document (report_id);

-- One reported user within a report, or the report's one incident when no user is named.
create table intake.incident (
  report_id bigint not null references intake.report (id),
  position integer not null check (position >= 1),
  party_position integer,
  primary key (report_id, position)
);

create table intake.party (
  report_id bigint not null references intake.report (id),
  position integer not null check (position >= 1),
  role text not null,
  path text not null,
  of_position integer,
  primary key (report_id, position)
);

create table intake.identifier (
  report_id bigint not null references intake.report (id),
  position integer not null check (position >= 1),
  party_position integer,
  file_id text,
  kind text not null,
  value text not null,
  path text not null,
  line integer,
  attributes jsonb not null default '{}',
  primary key (report_id, position)
);

create table intake.report_file (
  id text primary key check (id ~ '^[0-9a-f]{32}$' and id ~ '[a-f]'),
  report_id bigint not null references intake.report (id),
  position integer not null,
  sha256 text not null,
  md5 text not null,
  size_bytes bigint not null,
  upload_name text,
  received_at timestamptz not null,
  described_at timestamptz,
  original_file_name text,
  relevance text,
  is_viewed_by_provider boolean,
  is_publicly_available boolean,
  annotations text[] not null default '{}',
  industry_classification text,
  -- The file's details as sent, like report.sent.
  sent jsonb,
  unique (report_id, position)
);
create index report_file_sha256 on intake.report_file (sha256);

-- Answers to requests that carried an Idempotency-Key, kept for a day.
create table intake.idempotency (
  provider_id uuid not null references access.provider (id),
  key text not null,
  request_sha256 text not null,
  status integer not null,
  body jsonb not null,
  created_at timestamptz not null,
  primary key (provider_id, key)
);
create index idempotency_age on intake.idempotency (created_at);
