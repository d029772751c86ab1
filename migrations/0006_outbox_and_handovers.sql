-- 0006_outbox_and_handovers.sql
-- why: replies survive a channel that is down, and a request passed to a manager has a life of its own
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table handover_events, handovers, outbox

create table truffles.outbox (
  id uuid constraint outbox_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint outbox_client_id_fkey references truffles.clients (id),
  conversation_id uuid not null,
  message_id uuid not null,
  turn_id uuid,
  author text not null constraint outbox_author_check check (author in ('bot', 'manager', 'system')),
  channel text not null,
  status text not null default 'queued' constraint outbox_status_check
    check (status in ('queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  lease_until timestamptz,
  idempotency_key text not null constraint outbox_idempotency_key_key unique,
  provider_message_id text,
  last_error_code text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  constraint outbox_client_id_id_key unique (client_id, id),
  constraint outbox_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id),
  constraint outbox_client_id_message_id_fkey foreign key (client_id, message_id) references truffles.messages (client_id, id),
  constraint outbox_client_id_turn_id_fkey foreign key (client_id, turn_id) references truffles.turns (client_id, id)
);
create index outbox_due_idx on truffles.outbox (next_attempt_at) where status in ('queued', 'unknown');
create index outbox_lease_idx on truffles.outbox (lease_until) where status = 'sending';
create index outbox_conversation_idx on truffles.outbox (client_id, conversation_id, created_at);

create table truffles.handovers (
  id uuid constraint handovers_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint handovers_client_id_fkey references truffles.clients (id),
  conversation_id uuid not null,
  turn_id uuid,
  reason text not null,
  status text not null default 'pending' constraint handovers_status_check check (status in ('pending', 'active', 'resolved')),
  summary text,
  adapter text,
  notice_message_id text,
  notice_status text not null default 'pending' constraint handovers_notice_status_check
    check (notice_status in ('pending', 'sent', 'failed')),
  notice_attempts integer not null default 0,
  next_notice_at timestamptz,
  taken_by text,
  taken_at timestamptz,
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  constraint handovers_client_id_id_key unique (client_id, id),
  constraint handovers_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id),
  constraint handovers_client_id_turn_id_fkey foreign key (client_id, turn_id) references truffles.turns (client_id, id)
);
create unique index handovers_one_open_idx on truffles.handovers (conversation_id) where status <> 'resolved';
create index handovers_notice_due_idx on truffles.handovers (next_notice_at) where next_notice_at is not null and status <> 'resolved';
create index handovers_notice_message_idx on truffles.handovers (client_id, notice_message_id) where notice_message_id is not null;

create table truffles.handover_events (
  id uuid constraint handover_events_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint handover_events_client_id_fkey references truffles.clients (id),
  handover_id uuid not null,
  kind text not null,
  actor text,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint handover_events_client_id_handover_id_fkey foreign key (client_id, handover_id)
    references truffles.handovers (client_id, id)
);
create index handover_events_handover_idx on truffles.handover_events (handover_id, created_at);

alter table truffles.outbox enable row level security;
alter table truffles.handovers enable row level security;
alter table truffles.handover_events enable row level security;
create policy outbox_tenant on truffles.outbox
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy handovers_tenant on truffles.handovers
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy handover_events_tenant on truffles.handover_events
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, update, delete on truffles.outbox, truffles.handovers, truffles.handover_events to truffles_app;
