-- How staff prove who they are: passkeys, the agency's own sign-in service, the state of sessions, and the counts that slow guessing down.
-- breaking: no

-- A session tells how it came to be and when its person last proved who they are. A locked one is good for nothing but
-- proving it again.
alter table access.session
  add column id uuid not null default gen_random_uuid(),
  add column method text not null default 'link' check (method in ('link', 'passkey', 'oidc')),
  add column proved_at timestamptz,
  add column locked_at timestamptz,
  add column ended_because text check (ended_because in ('signed-out', 'ended', 'ended-by-administrator', 'replaced', 'disabled', 'roles-changed')),
  add column remote_address inet,
  add column device text check (char_length(device) <= 100);
update access.session set proved_at = created_at;
alter table access.session alter column proved_at set not null;
create unique index session_id on access.session (id);

-- One authenticator of one person. A removed or suspect one stays, so that it is never taken for a new one.
create table access.passkey (
  id uuid primary key,
  staff_id uuid not null references access.staff (id),
  credential_id text not null unique check (char_length(credential_id) <= 1400),
  public_key bytea not null check (octet_length(public_key) <= 2048),
  counter bigint not null check (counter >= 0),
  transports text[] not null default '{}',
  name text not null check (name <> '' and char_length(name) <= 60),
  is_synced boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  removed_at timestamptz,
  -- Its counter went backwards: somewhere there is a copy of it.
  suspect_at timestamptz
);
create index passkey_staff on access.passkey (staff_id) where removed_at is null;

-- A number to be signed, once, within minutes. Bound to the session that asked, where there is one.
create table access.challenge (
  challenge text primary key,
  purpose text not null check (purpose in ('sign-in', 'register', 'renew')),
  session_sha256 bytea,
  expires_at timestamptz not null
);
create index challenge_expires on access.challenge (expires_at);

-- A person as the agency's sign-in service (OpenID Connect) knows them.
create table access.identity (
  issuer text not null,
  subject text not null check (char_length(subject) <= 255),
  staff_id uuid not null unique references access.staff (id),
  created_at timestamptz not null,
  last_sign_in_at timestamptz not null,
  primary key (issuer, subject)
);

-- One trip to the sign-in service and back: spent by coming back, once. `browser_sha256` binds it to the browser that left.
create table access.oidc_trip (
  state_sha256 bytea primary key,
  browser_sha256 bytea not null,
  session_sha256 bytea,
  nonce text not null,
  code_verifier text not null,
  expires_at timestamptz not null
);
create index oidc_trip_expires on access.oidc_trip (expires_at);

-- Failures and refusals by whom and where, shared by all servers. The key holds an address, and a user name as digest only.
create table access.throttle (
  key text primary key check (char_length(key) <= 200),
  window_from timestamptz not null,
  count integer not null,
  blocked_until timestamptz,
  expires_at timestamptz not null
);
create index throttle_expires on access.throttle (expires_at);

-- Refusals of one address beyond those that get a row of their own: summed up in one audit row when the window is over.
create table access.refusal_count (
  address inet not null,
  window_from timestamptz not null,
  window_until timestamptz not null,
  count integer not null,
  without_row integer not null,
  primary key (address, window_from)
);
create index refusal_count_until on access.refusal_count (window_until);
