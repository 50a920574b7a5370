-- The line of waiting reports, what rules said of each, and what people decided.
-- breaking: no

create schema assess;

create table assess.assessment (
  report_id bigint primary key,
  urgency smallint not null check (urgency between 1 and 4),
  urgency_reasons jsonb not null,
  completeness numeric(4, 3) not null check (completeness between 0 and 1),
  present jsonb not null,
  missing jsonb not null,
  rules_version text not null,
  assessed_at timestamptz not null
);

-- One row per filed report. Facts that the line sorts and filters by are copied here, so a page is one index walk.
create table assess.line_entry (
  report_id bigint primary key,
  provider_id uuid not null,
  environment text not null check (environment in ('production', 'sandbox')),
  urgency smallint not null check (urgency between 1 and 4),
  filed_at timestamptz not null,
  state text not null check (state in ('waiting', 'taken', 'decided')),
  taken_by uuid,
  taken_at timestamptz,
  decision_id uuid,
  changed_at timestamptz not null,
  check ((state = 'waiting') = (taken_by is null)),
  check ((state = 'decided') = (decision_id is not null))
);
-- Every page of the line merges a few walks of one of these, one walk per state and urgency asked for.
create index line_order on assess.line_entry (environment, state, urgency, filed_at, report_id);
create index line_provider on assess.line_entry (provider_id, state, urgency, filed_at, report_id);

-- Decisions only add up: undoing or reopening adds its mark, nothing is overwritten.
create table assess.decision (
  id uuid primary key,
  report_id bigint not null,
  kind text not null check (kind in ('refer', 'informational', 'needs-information', 'not-a-matter')),
  reason text,
  decided_by uuid not null,
  decided_at timestamptz not null,
  undone_at timestamptz,
  undone_by uuid,
  undone_why text
);
create index decision_report on assess.decision (report_id, decided_at);
