-- Two-person control, emergency access, look-ups for the auditor; schedules, legal holds and erasures of reports.
-- breaking: no

-- A deed under two-person control that somebody asks for. What is asked never changes; approvals are counted against it.
create table access.proposal (
  id uuid primary key,
  deed text not null,
  -- Ids and numbers only.
  input jsonb not null,
  input_sha256 text not null check (input_sha256 ~ '^[0-9a-f]{64}$'),
  sentence text not null,
  reason text not null check (reason <> ''),
  -- How many different named people have to agree, the asker among them when a named person asks.
  people smallint not null check (people in (2, 3)),
  permission text not null,
  asked_by_kind text not null check (asked_by_kind in ('staff', 'system')),
  asked_by text not null,
  asked_by_name text not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > asked_at),
  state text not null default 'open' check (state in ('open', 'done', 'declined', 'withdrawn')),
  ended_at timestamptz,
  -- Ids and counts only.
  result jsonb,
  check ((state = 'open') = (ended_at is null))
);
create index proposal_open on access.proposal (expires_at) where state = 'open';
create index proposal_asked on access.proposal (asked_at desc, id desc);

create table access.proposal_vote (
  proposal_id uuid not null references access.proposal (id),
  staff_id uuid not null references access.staff (id),
  staff_name text not null,
  vote text not null check (vote in ('approve', 'decline')),
  note text,
  -- What the person saw when they voted.
  input_sha256 text not null,
  voted_at timestamptz not null,
  primary key (proposal_id, staff_id)
);
create trigger proposal_vote_append_only before update or delete or truncate on access.proposal_vote
  for each statement execute function access.refuse_change();

-- The rule once more where no program can go round it: what is asked stays, an end is final, and done needs the people.
create function access.guard_proposal() returns trigger language plpgsql as $$
declare
  agreed integer;
begin
  if tg_op = 'DELETE' then
    raise exception 'a proposal is kept' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.deed, new.input, new.input_sha256, new.people, new.permission, new.asked_by_kind, new.asked_by, new.asked_at,
      new.expires_at, new.reason, new.sentence)
    is distinct from (old.id, old.deed, old.input, old.input_sha256, old.people, old.permission, old.asked_by_kind, old.asked_by,
      old.asked_at, old.expires_at, old.reason, old.sentence) then
    raise exception 'what a proposal asks for never changes' using errcode = 'restrict_violation';
  end if;
  if old.state <> 'open' then
    raise exception 'a proposal that has ended never changes' using errcode = 'restrict_violation';
  end if;
  if new.state = 'done' then
    select count(*) into agreed from access.proposal_vote
      where proposal_id = new.id and vote = 'approve' and input_sha256 = new.input_sha256
        and staff_id::text <> new.asked_by;
    if agreed < 1 or agreed + (new.asked_by_kind = 'staff')::integer < new.people then
      raise exception 'a proposal is done when enough people have agreed' using errcode = 'restrict_violation';
    end if;
  end if;
  return new;
end
$$;
create trigger proposal_guarded before update or delete on access.proposal
  for each row execute function access.guard_proposal();

-- Leave to take out many rows at once, given by an approved proposal, for a short time.
create table access.export_grant (
  proposal_id uuid primary key references access.proposal (id),
  what text not null check (what in ('audit', 'reports')),
  granted_to_kind text not null check (granted_to_kind in ('staff', 'system')),
  granted_to text not null,
  granted_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > granted_at)
);
create index export_grant_ends on access.export_grant (what, ends_at);

-- Emergency access: to one report, or to the bureau by a printed code. Always reviewed by somebody else.
create table access.emergency (
  id uuid primary key,
  kind text not null check (kind in ('report', 'sign-in')),
  staff_id uuid not null references access.staff (id),
  report_id bigint,
  reason text not null check (reason <> ''),
  opened_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > opened_at),
  ended_at timestamptz,
  review_by timestamptz not null,
  reviewed_at timestamptz,
  reviewed_by uuid references access.staff (id),
  verdict text check (verdict in ('justified', 'not-justified')),
  review_note text,
  check ((kind = 'report') = (report_id is not null)),
  check ((reviewed_at is null) = (reviewed_by is null) and (reviewed_at is null) = (verdict is null)),
  check (reviewed_by <> staff_id)
);
create index emergency_open on access.emergency (staff_id, report_id, ends_at) where kind = 'report' and ended_at is null;
create index emergency_unreviewed on access.emergency (review_by) where reviewed_at is null;
create index emergency_opened on access.emergency (opened_at desc, id desc);

-- Printed once, kept as argon2id. `lookup` says which code is meant and is no secret.
create table access.emergency_code (
  id uuid primary key,
  lookup text not null unique check (lookup ~ '^[0-9A-Z]{8}$'),
  staff_id uuid not null references access.staff (id),
  secret_hash text not null,
  printed_at timestamptz not null,
  used_at timestamptz,
  replaced_at timestamptz
);
create index emergency_code_staff on access.emergency_code (staff_id) where used_at is null and replaced_at is null;

alter table access.session drop constraint session_method_check;
alter table access.session add constraint session_method_check
  check (method in ('link', 'passkey', 'oidc', 'emergency'));
-- Everything done in such a session is tagged with it.
alter table access.session add column emergency_id uuid references access.emergency (id);
alter table access.session add constraint session_emergency check ((method = 'emergency') = (emergency_id is not null));

-- Whom nobody should look up without need. Only keyed digests are kept, so the list names nobody.
create table access.watch_entry (
  id uuid primary key,
  kind text not null check (kind in ('email', 'phone', 'name', 'account')),
  category text not null check (category in ('colleague', 'neighbour', 'public-figure', 'other')),
  digest text not null,
  added_by_kind text not null,
  added_by text not null,
  added_at timestamptz not null,
  removed_at timestamptz
);
create unique index watch_entry_digest on access.watch_entry (digest) where removed_at is null;

-- One row each time somebody opens what was reported, with the task it was opened for.
create table access.look_up (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('staff', 'system')),
  actor_id text not null,
  actor_name text not null,
  report_id bigint not null,
  task text not null check (task in ('own', 'triage', 'reason', 'emergency', 'none')),
  why text not null,
  emergency_id uuid references access.emergency (id),
  watch_entries uuid[] not null default '{}'
);
create index look_up_at on access.look_up (at, id);
create index look_up_actor on access.look_up (actor_id, report_id, at desc);
create index look_up_marked on access.look_up (id) where task in ('reason', 'emergency', 'none') or watch_entries <> '{}';
create trigger look_up_append_only before update or delete or truncate on access.look_up
  for each statement execute function access.refuse_change();

-- What the auditor made of a look-up. Marks add up; the newest stands.
create table access.look_up_mark (
  id bigint generated always as identity primary key,
  look_up_id bigint not null references access.look_up (id),
  mark text not null check (mark in ('explained', 'follow-up')),
  note text,
  marked_by uuid not null references access.staff (id),
  marked_at timestamptz not null
);
create index look_up_mark_of on access.look_up_mark (look_up_id, id desc);
create trigger look_up_mark_append_only before update or delete or truncate on access.look_up_mark
  for each statement execute function access.refuse_change();

-- A month's random sample of look-ups. Seed, population and end make it the same for whoever draws it again.
create table access.audit_sample (
  id uuid primary key,
  month date not null check (extract(day from month) = 1),
  until timestamptz not null,
  seed text not null check (seed <> ''),
  size integer not null check (size between 1 and 500),
  population bigint not null check (population >= 0),
  drawn_by uuid not null references access.staff (id),
  drawn_at timestamptz not null
);
create index audit_sample_drawn on access.audit_sample (drawn_at desc, id desc);
create table access.audit_sample_item (
  sample_id uuid not null references access.audit_sample (id),
  position integer not null check (position >= 1),
  look_up_id bigint not null references access.look_up (id),
  primary key (sample_id, position)
);

-- Since when nothing of the report is left but its number, reference, times and counts.
alter table intake.report add column erased_at timestamptz;
alter table intake.report add constraint report_erased_empty check (erased_at is null or (state = 'filed' and sent is null));
-- What is due is found from its oldest end, however much was erased before.
create index report_kept on intake.report (profile, filed_at, id) where state = 'filed' and erased_at is null;

create schema retain;

-- How long reports are kept, by legal basis. A change is a new version of the row; the newest stands.
create table retain.schedule (
  profile text not null check (profile in ('cybertip', 'uk')),
  version integer not null check (version >= 1),
  basis text not null check (basis <> ''),
  source text not null check (source <> ''),
  content_months integer not null check (content_months between 1 and 600),
  reference_months integer not null check (reference_months >= content_months and reference_months <= 1200),
  -- Whether what is due is erased without asking people again.
  is_standing boolean not null default false,
  since timestamptz not null,
  set_by text not null,
  proposal_id uuid references access.proposal (id),
  primary key (profile, version)
);
create trigger schedule_append_only before update or delete or truncate on retain.schedule
  for each statement execute function access.refuse_change();
insert into retain.schedule (profile, version, basis, source, content_months, reference_months, since, set_by) values
  ('uk', 1, 'SI 2026/268 reg 8',
   'Reporting Regulations under the Online Safety Act 2023, section 67 (SI 2026/268, made 9 March 2026), regulation 8: content and information 1 year, unique report reference 5 years',
   12, 60, now(), 'as delivered'),
  ('cybertip', 1, '18 USC 2258A(h)',
   '18 USC 2258A(h) as amended by the REPORT Act, PL 118-59 of 7 May 2024: preservation 1 year; the statute names no term for the reference, so that of SI 2026/268 is used',
   12, 60, now(), 'as delivered');

-- A legal hold: nothing of the report is erased while one stands, whatever is due.
create table retain.hold (
  id uuid primary key,
  report_id bigint not null,
  reason text not null check (reason <> ''),
  case_reference text not null check (case_reference <> ''),
  placed_by_kind text not null,
  placed_by text not null,
  placed_by_name text not null,
  placed_at timestamptz not null,
  review_at timestamptz not null check (review_at > placed_at),
  lifted_at timestamptz,
  lifted_by text,
  proposal_id uuid references access.proposal (id),
  check ((lifted_at is null) = (lifted_by is null)),
  check ((lifted_at is null) = (proposal_id is null))
);
create index hold_standing on retain.hold (report_id) where lifted_at is null;
create index hold_review on retain.hold (review_at, id) where lifted_at is null;

-- The register of erasures: approved, then erased, then certified. Stopped where a hold came in between.
create table retain.erasure (
  report_id bigint primary key,
  id uuid not null unique,
  state text not null check (state in ('approved', 'erased', 'certified', 'stopped')),
  ground text not null check (ground in ('schedule', 'order')),
  basis text not null,
  schedule_profile text not null,
  schedule_version integer not null,
  due_at timestamptz not null,
  approved_at timestamptz not null,
  -- Who decided it, with names and times; for a standing schedule those who set it.
  approved_by jsonb not null,
  proposal_id uuid references access.proposal (id),
  erased_at timestamptz,
  -- What the certificate will say: counts, and keyed digests that tell nothing without the bureau's digest key.
  facts jsonb,
  -- Places of ciphertext that were given up: random, they say nothing of the content.
  places jsonb,
  certified_at timestamptz,
  certificate text,
  foreign key (schedule_profile, schedule_version) references retain.schedule (profile, version),
  check ((state in ('erased', 'certified')) = (erased_at is not null)),
  check ((state = 'certified') = (certificate is not null and certified_at is not null))
);
create index erasure_approved on retain.erasure (approved_at desc, report_id desc);
create index erasure_unfinished on retain.erasure (approved_at) where state in ('approved', 'erased');

-- Removed rows leave the pages soon: these tables see removals only when reports end, so every one is a reason to sweep.
alter table intake.document set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
alter table intake.identifier set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
alter table intake.party set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
-- These change with every report that comes in; a hundredth is a sweep every few hundred reports of a small bureau.
alter table intake.report set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
alter table intake.report_file set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
alter table assess.assessment set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
alter table assess.decision set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
