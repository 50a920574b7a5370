-- Fingerprints: what the bytes of a seal are, their perceptual hashes, and what they say of themselves.
-- breaking: no

create schema fingerprint;

-- One row for bytes, however often they are reported.
create table fingerprint.file (
  sha256 text primary key references vault.seal (sha256),
  state text not null check (state in ('done', 'not-a-picture', 'not-sampled', 'unreadable', 'killed-decoder')),
  -- Why there is no fingerprint, in one sentence.
  reason text,
  -- By content, as the decoder's parent told it.
  media_type text not null,
  width integer check (width > 0),
  height integer check (height > 0),
  frames integer check (frames > 0),
  -- Part of the picture was missing; what was there was hashed.
  is_partial boolean not null default false,
  -- When these bytes came to the bureau for the first time; never moved to a later time.
  first_seen_at timestamptz not null,
  -- Of the decoder: the same bytes give the same under the same version.
  version text not null,
  fingerprinted_at timestamptz not null,
  check ((state = 'done') = (reason is null)),
  check ((state = 'done') = (width is not null and height is not null and frames is not null))
);
create index file_state on fingerprint.file (state, sha256) where state in ('unreadable', 'killed-decoder');

create table fingerprint.picture_hash (
  sha256 text not null references fingerprint.file (sha256),
  algorithm text not null check (algorithm in ('pdq')),
  -- As seen on white, or the colours alone of a picture that is not opaque.
  variant text not null check (variant in ('shown', 'stored')),
  version text not null,
  quality smallint not null check (quality between 0 and 100),
  -- Eight hashes of 32 bytes in the reference's own order; the first is the hash itself.
  orientations bytea not null check (octet_length(orientations) = 256),
  hash bytea not null generated always as (substring(orientations from 1 for 32)) stored,
  primary key (sha256, algorithm, variant)
);

-- What a file says of itself. Whoever made the file may have written anything.
create table fingerprint.fact (
  sha256 text not null references fingerprint.file (sha256),
  name text not null,
  value text not null check (length(value) <= 400),
  -- Where in the file it stands, as `Exif DateTimeOriginal (0x9003)`.
  source text not null check (length(source) <= 400),
  primary key (sha256, name)
);

-- Looking again at many files, and how far it has come, by rising SHA-256.
create table fingerprint.run (
  id uuid primary key,
  -- Everything, or only what was not looked at under the present version.
  scope text not null check (scope in ('all', 'missing')),
  asked_at timestamptz not null,
  asked_by_kind text not null,
  asked_by_id text not null,
  after_sha256 text not null default '',
  total integer not null,
  files integer not null default 0,
  size_bytes bigint not null default 0,
  hashed integer not null default 0,
  unreadable integer not null default 0,
  -- Damaged or destroyed since the run began.
  left_out integer not null default 0,
  step_at timestamptz,
  done_at timestamptz
);
-- One at a time.
create unique index run_running on fingerprint.run ((true)) where done_at is null;
create index run_asked on fingerprint.run (asked_at desc);
