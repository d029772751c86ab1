-- 0009_operations.sql
-- why: what people operate the installation with: errors, audit, learning candidates, backups, installation settings
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table audit_log, error_logs, settings, backups, learning_candidates

create table truffles.learning_candidates (
  id uuid constraint learning_candidates_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint learning_candidates_client_id_fkey references truffles.clients (id),
  conversation_id uuid,
  turn_id uuid,
  question text not null,
  answer text,
  status text not null default 'new' constraint learning_candidates_status_check check (status in ('new', 'accepted', 'rejected')),
  reviewed_by text,
  reviewed_at timestamptz,
  created_at timestamptz not null default now(),
  constraint learning_candidates_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id),
  constraint learning_candidates_client_id_turn_id_fkey foreign key (client_id, turn_id) references truffles.turns (client_id, id)
);
create index learning_candidates_status_idx on truffles.learning_candidates (client_id, status, created_at);

create table truffles.backups (
  id uuid constraint backups_pkey primary key default gen_random_uuid(),
  kind text not null,
  location text not null,
  size_bytes bigint,
  sha256 text,
  status text not null default 'running' constraint backups_status_check check (status in ('running', 'done', 'failed')),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  verified_at timestamptz
);

create table truffles.settings (
  key text constraint settings_pkey primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table truffles.error_logs (
  id uuid constraint error_logs_pkey primary key default gen_random_uuid(),
  client_id uuid constraint error_logs_client_id_fkey references truffles.clients (id),
  workflow text,
  node text,
  code text not null,
  family text,
  message text not null,
  execution_id text,
  turn_id uuid,
  created_at timestamptz not null default now()
);
create index error_logs_created_idx on truffles.error_logs (created_at);
create index error_logs_client_created_idx on truffles.error_logs (client_id, created_at);

create table truffles.audit_log (
  id uuid constraint audit_log_pkey primary key default gen_random_uuid(),
  client_id uuid constraint audit_log_client_id_fkey references truffles.clients (id),
  actor text not null,
  action text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index audit_log_client_created_idx on truffles.audit_log (client_id, created_at);

alter table truffles.learning_candidates enable row level security;
alter table truffles.error_logs enable row level security;
alter table truffles.audit_log enable row level security;
create policy learning_candidates_tenant on truffles.learning_candidates
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
-- Rows without a client belong to the installation: an unbound session sees and writes only those.
create policy error_logs_tenant on truffles.error_logs
  using (client_id is not distinct from (select truffles.current_client()))
  with check (client_id is not distinct from (select truffles.current_client()));
create policy audit_log_tenant on truffles.audit_log
  using (client_id is not distinct from (select truffles.current_client()))
  with check (client_id is not distinct from (select truffles.current_client()));

grant select, insert, update, delete on truffles.learning_candidates to truffles_app;
grant select on truffles.settings to truffles_app;
grant select, insert on truffles.error_logs, truffles.audit_log to truffles_app;
