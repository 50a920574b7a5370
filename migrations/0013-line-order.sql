-- The order of looks: a score inside the class, what each look was for, leases, and what people correct.
-- breaking: no

alter table assess.assessment
  add column score double precision not null default 0 check (score >= 0 and score < 1),
  add column data_expires_at timestamptz;

alter table assess.line_entry
  add column score double precision not null default 0 check (score >= 0 and score < 1),
  -- Class and score as one number, higher first; the same sum as rankOf in look-order.ts.
  add column rank double precision not null generated always as (4 - urgency + score) stored,
  -- Within a class, reports of the last day come first. That is asked hour by hour, so that no clock has to move rows.
  add column filed_hour timestamp not null generated always as (date_trunc('hour', filed_at at time zone 'UTC')) stored,
  -- When data that others keep for us is expected to be gone.
  add column data_expires_at timestamptz,
  -- When the rules next see something else in the same facts, because time has passed.
  add column reassess_at timestamptz,
  -- Until when a taken report is held for whoever took it.
  add column lease_ends_at timestamptz;

create index line_high on assess.line_entry (environment, rank desc, filed_at, report_id)
  where state = 'waiting' and urgency <= 2;
create index line_fresh on assess.line_entry (environment, filed_hour, rank desc, filed_at, report_id)
  where state = 'waiting' and urgency >= 3;
create index line_oldest on assess.line_entry (environment, filed_at, report_id) where state = 'waiting';
create index line_expiring on assess.line_entry (environment, data_expires_at, report_id)
  where state = 'waiting' and data_expires_at is not null;
create index line_held on assess.line_entry (taken_by, lease_ends_at) where state = 'taken';
create index line_reassess on assess.line_entry (reassess_at) where state = 'waiting' and reassess_at is not null;

-- What waits was ranked by older rules: all of it is due.
update assess.line_entry set reassess_at = now() where state = 'waiting';

-- How looks are shared, one row for each environment; the share and the lease are a supervisor's, the bar is a job's.
create table assess.look_order (
  environment text primary key check (environment in ('production', 'sandbox')),
  waiting_share double precision not null default 0.15 check (waiting_share between 0.01 and 0.9),
  lease_minutes integer not null default 45 check (lease_minutes between 5 and 480),
  set_by uuid,
  set_at timestamptz,
  set_why text,
  -- Null where everything that came can be reached.
  bar double precision,
  bar_since timestamptz,
  bar_arrivals bigint,
  bar_looks bigint,
  bar_set_at timestamptz
);
insert into assess.look_order (environment) values ('production'), ('sandbox');

-- Every look, in its turn: what was opened, by which lane, and the sentence that the officer read.
create table assess.look (
  id bigint generated always as identity primary key,
  -- Turn of the order, counted per environment; null for a report that somebody chose by hand.
  number bigint,
  environment text not null check (environment in ('production', 'sandbox')),
  report_id bigint not null,
  lane text not null check (lane in ('by-urgency', 'by-deadline', 'by-waiting', 'chosen')),
  urgency smallint not null check (urgency between 1 and 4),
  score double precision not null,
  bar double precision,
  waiting_share double precision,
  sentence text,
  filed_at timestamptz not null,
  looked_by uuid not null,
  looked_at timestamptz not null,
  check ((lane = 'chosen') = (number is null))
);
create index look_time on assess.look (environment, looked_at);
create index look_report on assess.look (report_id, id);

create sequence assess.look_number_production as bigint;
create sequence assess.look_number_sandbox as bigint;
-- A sequence, because officers who ask at once must not wait for each other; a look that fails leaves a gap.
create function assess.next_look_number(of_environment text) returns bigint
  language sql volatile security definer set search_path = pg_catalog as $$
  select case of_environment
    when 'production' then nextval('assess.look_number_production')
    when 'sandbox' then nextval('assess.look_number_sandbox')
  end
$$;

-- What people said instead of the rules. Rows only add up; the newest one stands until it is taken back.
create table assess.urgency_correction (
  id bigint generated always as identity primary key,
  report_id bigint not null,
  urgency smallint not null check (urgency between 1 and 4),
  reason text,
  -- What the rules said at that moment.
  rules_urgency smallint not null check (rules_urgency between 1 and 4),
  rules_version text not null,
  corrected_by uuid not null,
  corrected_at timestamptz not null
);
create index correction_report on assess.urgency_correction (report_id, id);
create index correction_time on assess.urgency_correction (corrected_at);

-- What the rules said differently of a report that they had seen before.
create table assess.assessment_change (
  id bigint generated always as identity primary key,
  report_id bigint not null,
  changed_at timestamptz not null,
  from_urgency smallint not null,
  to_urgency smallint not null,
  from_score double precision not null,
  to_score double precision not null,
  -- Codes of reasons, which say nothing of what was reported.
  came text[] not null,
  went text[] not null,
  from_version text not null,
  to_version text not null
);
create index change_report on assess.assessment_change (report_id, id);

-- Reports that a person reads without seeing what the rules said: the only measure of what they miss. Drawn from every
-- class, so that being drawn tells nothing; what is missed is counted in the lowest.
create table assess.blind_sample (
  report_id bigint primary key,
  environment text not null check (environment in ('production', 'sandbox')),
  drawn_at timestamptz not null,
  -- What the rules said when it was drawn.
  urgency smallint not null check (urgency between 1 and 4),
  rules_version text not null,
  -- Who reads it now or has read it.
  read_by uuid,
  given_at timestamptz,
  found_urgency smallint check (found_urgency between 1 and 4),
  found_at timestamptz,
  check ((found_urgency is null) = (found_at is null)),
  check (found_at is null or read_by is not null)
);
create index blind_open on assess.blind_sample (environment, drawn_at) where found_at is null;
create index blind_found on assess.blind_sample (environment, found_at) where found_at is not null;

-- The same identifier in another report, found exactly. A digest, because values may be longer than an index row.
create index identifier_value on intake.identifier (kind, md5(lower(value)));
