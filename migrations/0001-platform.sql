-- What every stage needs of the platform: jobs that need a person, and facts about this bureau.
-- breaking: no
-- previous: none

create schema platform;

-- Facts about this installation: its name, whether its data folder is a demonstration.
create table platform.bureau (
  only_row boolean primary key default true check (only_row),
  name text not null,
  is_demonstration boolean not null,
  created_at timestamptz not null
);

-- Jobs that failed for good, or that ended as failed with a reason. One open row per job and subject.
create table platform.attention (
  id uuid primary key,
  job text not null,
  subject text not null,
  reason text not null,
  attempts integer not null check (attempts >= 1),
  since timestamptz not null,
  retried_at timestamptz,
  resolved_at timestamptz
);
create unique index attention_open on platform.attention (job, subject) where resolved_at is null;
create index attention_since on platform.attention (since) where resolved_at is null;
