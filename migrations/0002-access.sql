-- Who may do what: staff and their sessions, services and their credentials, and the audit trail.
-- breaking: no

create schema access;

create table access.staff (
  id uuid primary key,
  name text not null check (name <> ''),
  roles text[] not null check (cardinality(roles) >= 1),
  created_at timestamptz not null,
  last_seen_at timestamptz,
  disabled_at timestamptz
);
create unique index staff_name on access.staff (lower(name)) where disabled_at is null;

-- Only the SHA-256 of a one-time link's token is kept.
create table access.sign_in_link (
  token_sha256 bytea primary key,
  staff_id uuid not null references access.staff (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table access.session (
  token_sha256 bytea primary key,
  staff_id uuid not null references access.staff (id),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index session_staff on access.session (staff_id) where ended_at is null;

create table access.provider (
  id uuid primary key,
  name text not null check (name <> ''),
  environment text not null check (environment in ('production', 'sandbox')),
  created_at timestamptz not null,
  suspended_at timestamptz
);
create unique index provider_name on access.provider (lower(name), environment);

-- Passwords are argon2id hashes. A rotated credential may go on working until retired_at.
create table access.credential (
  id uuid primary key,
  provider_id uuid not null references access.provider (id),
  username text not null,
  password_hash text not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  last_used_at timestamptz
);
create index credential_username on access.credential (username);
create index credential_provider on access.credential (provider_id, created_at desc);

-- One row per read of personal data and per change, refusals included. Names are copied so that a row can be
-- read on its own; details never hold content or personal data of reported people.
create table access.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('staff', 'provider', 'system', 'anonymous')),
  actor_id text not null,
  actor_name text not null,
  action text not null,
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  code text,
  subject text,
  why text,
  request_id text,
  remote_address inet,
  details jsonb not null default '{}'
);
create index audit_subject on access.audit (subject, id) where subject is not null;
create index audit_actor on access.audit (actor_id, id);

create function access.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_schema || '.' || tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger audit_append_only before update or delete or truncate on access.audit
  for each statement execute function access.refuse_change();
