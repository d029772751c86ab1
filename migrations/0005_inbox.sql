-- 0005_inbox.sql
-- why: PostgreSQL is the queue; an accepted webhook is a row here before the sender gets its 200
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table conversation_lanes, inbound_events

create table truffles.inbound_events (
  id uuid constraint inbound_events_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint inbound_events_client_id_fkey references truffles.clients (id),
  channel text not null,
  provider_event_id text not null,
  kind text not null constraint inbound_events_kind_check
    check (kind in ('message', 'echo', 'status', 'manager_action', 'manager_message')),
  lane_key text not null,
  event jsonb not null,
  sender_enc bytea,
  raw_enc bytea,
  received_at timestamptz not null default now(),
  provider_at timestamptz,
  turn_id uuid,
  processed_at timestamptz,
  constraint inbound_events_client_id_channel_provider_event_id_key unique (client_id, channel, provider_event_id),
  constraint inbound_events_client_id_turn_id_fkey foreign key (client_id, turn_id) references truffles.turns (client_id, id)
);
create index inbound_events_turn_idx on truffles.inbound_events (turn_id) where turn_id is not null;
create index inbound_events_waiting_idx on truffles.inbound_events (client_id, channel, lane_key, received_at)
  where turn_id is null and processed_at is null;

create table truffles.conversation_lanes (
  client_id uuid not null constraint conversation_lanes_client_id_fkey references truffles.clients (id),
  channel text not null,
  lane_key text not null,
  kind text not null constraint conversation_lanes_kind_check check (kind in ('user', 'manager')),
  first_at timestamptz not null,
  due_at timestamptz,
  active_turn_id uuid,
  lease_until timestamptz,
  constraint conversation_lanes_pkey primary key (client_id, channel, lane_key),
  constraint conversation_lanes_client_id_active_turn_id_fkey foreign key (client_id, active_turn_id)
    references truffles.turns (client_id, id)
);
create index conversation_lanes_due_idx on truffles.conversation_lanes (due_at) where due_at is not null;
create index conversation_lanes_lease_idx on truffles.conversation_lanes (lease_until) where active_turn_id is not null;

alter table truffles.inbound_events enable row level security;
alter table truffles.conversation_lanes enable row level security;
create policy inbound_events_tenant on truffles.inbound_events
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy conversation_lanes_tenant on truffles.conversation_lanes
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, update, delete on truffles.inbound_events, truffles.conversation_lanes to truffles_app;
